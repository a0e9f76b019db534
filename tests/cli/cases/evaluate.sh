# Tests what weft evaluate tells: intervals, metrics, decisions.

recipe='--hidden none --epochs 60 --batch-size 10 --learning-rate 0.1 --seed 3'
metric='{"value":"number?","low":"number?","high":"number?"}'
metrics='{"accuracy":'$metric',"balanced_accuracy":'$metric',"top_5_accuracy":'$metric',
    "log_loss":'$metric',"brier":'$metric',"calibration_error":'$metric',"roc_auc":'$metric',
    "average_precision":'$metric',"macro_f1":'$metric',"weighted_f1":'$metric',"matthews":'$metric',
    "r2":'$metric',"rmse":'$metric',"mae":'$metric',"median_error":'$metric'}'
# evaluation_shape CONFUSION CLASSES CALIBRATION OUTPUTS ANSWERED MORE: checks the JSON
evaluation_shape() {
    shape '{"accuracy":"number?","loss":"number","confusion":'"$1"',"classes":'"$2"',
        "samples":"integer","unknown":"integer","metrics":'"$metrics"',"calibration":'"$3"',
        "outputs":'"$4"',"answered":'"$5$6"'}'
}
class='[{"name":"string","precision":"number?","recall":"number?","f1":"number?","support":"integer",
    "roc_auc":"number?","average_precision":"number?"}]'
bins='[{"samples":"integer","confidence":"number?","accuracy":"number?"}]'

weft 0 train --data folder $recipe --device cpu -q -o model
for device in cpu opencl; do
    weft 0 evaluate --model model --data folder --device $device
    check 'the answer is not the first line' \
        test "$(head -n 1 out | cut -d, -f1)" = 'accuracy 100.00 % (88.65 to 100.00) on 30 samples'
    prints '^ROC AUC  *1.000$'
    prints '^Matthews correlation  *1.000$'
    prints '^Brier score  *[0-9.e-]*$'
    check 'fewer than six classes have no top-5 accuracy' test "$(grep -c 'top-5' out)" -eq 0
    check 'a score of another task' test "$(grep -c 'RMSE\|R^2' out)" -eq 0
    check 'an answer without --reject' test "$(grep -c answered out)" -eq 0
    check 'a line for each class' test "$(grep -c '^ *[012] .* 1.0000 .* 10  [012]$' out)" -eq 3
done
weft 0 evaluate --model model --data folder --device cpu --json
evaluation_shape '[["integer"]]' "$class" "$bins" '"number?"' '"number?"'
prints '"metrics":{"accuracy":{"value":1.0,"low":0.88648[0-9]*,"high":1.0}'
prints '"top_5_accuracy":{"value":null,"low":null,"high":null}'
prints '"roc_auc":{"value":1.0,"low":null,"high":null}'
prints '"unknown":0'
check 'bins' test "$(grep -o '"confidence"' out | wc -l)" -eq 15

# Intervals from resamples: the same again, and the accuracy keeps its own.
weft 0 evaluate --model model --data folder --device cpu --bootstrap 100
prints '^ROC AUC  *1.000 (1.000 to 1.000)$'
prints '^log loss  *[0-9.e-]* ([0-9.e-]* to [0-9.e-]*)$'
prints '^calibration error  *[0-9.e-]*$'
prints '^accuracy 100.00 % (88.65 to 100.00) '
mv out expected
weft 0 evaluate --model model --data folder --device cpu --bootstrap 100
check 'other intervals' cmp -s out expected

# Answers above a probability. Nothing is surer than 0.999999, and everything than 0.01.
weft 0 evaluate --model model --data folder --device cpu --reject 0.01
prints '^answered 30 of 30 samples (100.00 %), those above probability 0.01: accuracy 100.00 % (88.65 to 100.00)$'
weft 0 evaluate --model model --data folder --device cpu --reject 0.9999999
prints '^answered 0 of 30 samples (0.00 %), those above probability 1: accuracy -$'
weft 0 evaluate --model model --data folder --device cpu --reject 0.9999999 --json
evaluation_shape '[["integer"]]' "$class" "$bins" '"number?"' \
    '{"above":"number","samples":"integer","coverage":"number","accuracy":'"$metric"'}'
prints '"coverage":0.0,"accuracy":{"value":null,'

# A threshold for two classes: outputs of XOR are within 1e-4 of 0 and 1.
weft 0 train --preset xor --device cpu -q -o xor
weft 0 evaluate --model xor --data xor --device cpu --threshold 0.9
prints '^accuracy 100.00 % '
weft 0 evaluate --model xor --data xor --device cpu --threshold 1e-30
prints '^accuracy 50.00 % (15.00 to 85.00) on 4 samples'
prints '^balanced accuracy  *0.5000$'
prints '^ROC AUC  *1.000$'
check 'a note about the model' test "$(grep -c '^note' err)" -eq 0

# Labels and numbers.
printf '\0\0\010\2\0\0\0\4\0\0\0\2\0\0\1\0\0\1\1\1' >corners
printf '\0\0\010\2\0\0\0\4\0\0\0\3\0\0\0\1\0\0\0\1\1\1\1\1' >several
printf '\0\0\015\1\0\0\0\4\0\0\0\0\277\200\0\0\100\0\0\0\77\200\0\0' >numbers # 0 -1 2 1
recipe='--hidden none --epochs 200 --batches 1 --learning-rate 0.5 --optimizer sgd --schedule constant'
weft 0 train --images corners --labels several --task multilabel $recipe --learning-rate 5 --device cpu -q -o labels
weft 0 evaluate --model labels --images corners --labels several --device cpu
prints '^accuracy 100.00 % (51.01 to 100.00) on 4 samples (all labels right), loss '
prints '^macro F1  *1.000$'
check 'a confusion of labels' test "$(grep -c 'confusion' out)" -eq 0
weft 0 evaluate --model labels --images corners --labels several --device cpu --threshold 0.9999999
prints '^accuracy 25.00 % '
weft 0 evaluate --model labels --images corners --labels several --device cpu --json
evaluation_shape '"number?"' "$class" '"number?"' '"number?"' '"number?"'
weft 0 train --images corners --labels numbers --task regress $recipe --device cpu -q -o numbers_model
weft 0 evaluate --model numbers_model --images corners --labels numbers --device cpu
prints '^R^2 1.000 on 4 samples, loss '
prints '^RMSE  *[0-9.e-]*$'
prints '^mean absolute error  *[0-9.e-]*$'
check 'a score of another task' test "$(grep -c 'ROC\|accuracy\|F1' out)" -eq 0
weft 0 evaluate --model numbers_model --images corners --labels numbers --device cpu --json
output='[{"name":"string","r2":"number","rmse":"number","mae":"number","median_error":"number"}]'
evaluation_shape '"number?"' '"number?"' '"number?"' "$output" '"number?"' ',"r2":"number"'

# What cannot be is refused before any data are read.
for wrong in 0 1 1.5 -0.1 half nan; do
    for option in --threshold --reject; do
        weft 2 evaluate --model xor --data nowhere --device cpu $option=$wrong
        says "^weft: $option \"$wrong\": the probability must be above 0 and below 1\$"
    done
done
weft 2 evaluate --model model --data nowhere --device cpu --threshold 0.3
says '^weft: --threshold: needs a model with two classes, or with labels$'
weft 2 evaluate --model numbers_model --data nowhere --device cpu --threshold 0.3
says '^weft: --threshold: needs a model with two classes, or with labels$'
for other in labels numbers_model; do
    weft 2 evaluate --model $other --data nowhere --device cpu --reject 0.3
    says '^weft: --reject: needs a model with classes$'
done
weft 2 evaluate --model model --data nowhere --device cpu --bootstrap 99
says '^weft: --bootstrap 99: the number must be between 100 and 1000000$'
weft 2 evaluate --model model --data folder --device cpu --by color
says '^weft: --by color: needs a table; folder has no columns$'

# The final report of a training has the intervals of what was held out.
weft 0 train --data folder --hidden none --epochs 60 --batch-size 10 --learning-rate 0.1 --seed 3 --holdout 0.5 \
    --device cpu -q
prints '^set  *samples  *accuracy (95 % interval)  *error$'
prints '^train  *30  *100.00 %  *[0-9.e-]*$'
prints '^validation  *30  *100.00 % (88.65 to 100.00)  *[0-9.e-]*$'
prints '^test  *30  *100.00 % (88.65 to 100.00)  *[0-9.e-]*$'
