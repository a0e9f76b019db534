# Tests training, evaluation and prediction on data that are easy to separate.

score='{"accuracy":"number","error":"number"}'
# training_shape VALIDATION TEST MODEL: checks the JSON of a training
training_shape() {
    shape '{"command":"=train","backend":"string","device":"string","preset":"string",
        "seed":"integer","epochs":"integer","seconds":"number",
        "epoch_seconds":{"median":"number","min":"number","max":"number"},"check_seconds":"number",
        "train":'"$score"',"validation":'"$1"',"test":'"$2"',"model":"'"$3"'"}'
}
log_shape='{"epoch":"integer","error":"number","train_accuracy":"number?",
    "validation_accuracy":"number?","learning_rate":"number","seconds":"number"}'
recipe='--hidden 8 --epochs 60 --batch-size 10 --learning-rate 0.5 --seed 3'

for device in cpu opencl; do
    printf 'an older log\n' >log
    weft 0 train --data folder $recipe --device $device -o model --log log --json -q
    training_shape '"number?"' "$score" =model
    prints '"test":{"accuracy":1.0,'
    prints '"train":{"accuracy":1.0,'
    prints "\"backend\":\"$device\""
    says '^device: '
    shape "$log_shape" log
    check 'lines in the log' test "$(wc -l <log)" -eq 60
    weft 0 evaluate --model model --data folder --device $device
    prints 'accuracy 100.00 %'
    check 'one device line alone on stderr' test "$(wc -l <err)" -eq 1
    cp model model_$device
done

# all data sets, in every form
weft 0 train --data folder $recipe --device cpu --holdout 0.25 --test folder --json
training_shape "$score" "$score" '?'
says 'note: .*-o'
weft 0 train $pair $recipe --device cpu
prints '^train  *60  *100.00 %'
check 'no such part' test "$(grep -c '^test\|^validation' out)" -eq 0
weft 0 train $pair --test folder --holdout 0.5 $recipe --device cpu
prints '^train  *30 '
prints '^validation  *30 '
prints '^test  *30  *100.00 %'
prints '60 of 60 epochs, preset default, seed 3'
prints 'known-answer test [0-9.e-]* s, whole command [0-9.e-]* s$'

# The same training gives the same bytes; another seed gives others.
weft 0 train --data folder $recipe --device cpu -o again
check 'the same bytes again' cmp -s model_cpu again
weft 0 train --data folder $recipe --device cpu --seed 4 -o again
check 'another seed, the same bytes' test "$(cmp -s model_cpu again && echo same)" = ''

# Training continues from a file.
weft 0 train --data folder $recipe --epochs 1 --learning-rate 1e-9 --init-model model_cpu --device cpu
prints '^test  *30  *100.00 %'

# evaluation
weft 0 evaluate --model model --data folder --json --device cpu
prints '"confusion":\[\[10,0,0\],\[0,10,0\],\[0,0,10\]\]'
weft 0 evaluate --model model --data folder --part train --json --device cpu
prints '"confusion":\[\[20,0,0\],\[0,20,0\],\[0,0,20\]\]'

# prediction: sample i has class i mod 3
weft 0 predict --model model --data folder --device cpu
check 'header' test "$(head -n 1 out)" = 'index,label,name,probability'
check 'classes' test "$(sed 1d out | awk -F, '$1 != NR - 1 || $2 != $1 % 3 || $3 != $2' |
    wc -l)" -eq 0
check 'rows' test "$(wc -l <out)" -eq 31
weft 0 predict --model model --images folder/train-images-idx3-ubyte --proba --device cpu
check 'header' test "$(head -n 1 out)" = 'index,label,name,0,1,2'
check 'probabilities do not add up to 1' test "$(sed 1d out |
    awk -F, '{ sum = $4 + $5 + $6; if (sum < 0.99999 || sum > 1.00001) print }' | wc -l)" -eq 0
weft 0 predict --model model --data folder --json --device cpu
shape '{"index":"integer","label":"integer","name":"string","probability":"number"}'
check 'rows' test "$(wc -l <out)" -eq 30
weft 0 predict --model model --data folder --json --proba --device cpu
shape '{"index":"integer","label":"integer","name":"string","probability":"number",
    "probabilities":["number"]}'
# More samples than one block: all are counted, and equal samples have equal predictions.
weft 0 predict --model model --images many --device cpu
check 'rows' test "$(wc -l <out)" -eq 50001
check 'index' test "$(awk -F, 'NR > 1 && $1 != NR - 2' out | wc -l)" -eq 0
check 'equal samples' test "$(sed 1d out | cut -d, -f2- | sort -u | wc -l)" -eq 1

# Preset xor has its own data and recipe.
weft 0 train --preset xor --device cpu -o xor --json -q
training_shape '"number?"' '"number?"' =xor
prints '"accuracy":1.0,'
weft 0 predict --model xor --data xor --device cpu
check 'xor' test "$(sed 1d out | cut -d, -f2 | tr -d '\n')" = 0110
weft 0 evaluate --model xor --data xor --part train --device cpu --json
prints '"support":2'

# The numbers are the same in every locale.
weft 0 predict --model model --data folder --proba --device cpu
mv out expected
export LC_ALL=de_DE.UTF-8
weft 0 predict --model model --data folder --proba --device cpu
unset LC_ALL
check 'other numbers in another locale' cmp -s out expected

# ---- layers

weft 0 train --preset xor --device cpu --hidden 4,3 --activation relu,tanh --init he \
    --epochs 2 --batch-size 2 -o layers.safetensors
weft 0 evaluate --data xor --part train --device cpu --model layers.safetensors
weft 2 train --preset xor --device cpu --hidden 4,3 --activation relu,tanh,elu --epochs 1
says 'activation: got 3, need 1 or one for each of 2 layers'
weft 2 train --preset xor --device cpu --activation rely
says 'did you mean relu'
weft 0 train --preset xor --device cpu --activation gelu --init uniform \
    --initial-range 0.5 --epochs 2 --check-every 1
weft 0 train --preset xor --device cpu --hidden 4,3 --dropout 0.25,0.5 --input-dropout 0.2 --epochs 2 \
    --check-every 1
weft 2 train --preset xor --device cpu --hidden 4,3 --dropout 0.1,0.2,0.3 --epochs 1
says 'dropout: got 3, need 1 or one for each of 2 layers'
# Batch norm: the model records it on every device, and four samples cannot be batches of one.
weft 0 train --preset xor --device cpu --hidden 4,3 --batch-norm --epochs 3 --batch-size 3 --check-every 1 -o normed
weft 0 evaluate --model normed --data xor --device cpu
weft 0 check --model normed --device cpu
weft 0 check --model normed --device cpu --gradient
prints 'norm.weight\['
weft 2 train --preset xor --device cpu --batch-norm --batch-size 1
says 'batch-norm: got batches of one sample'
weft 2 check --preset xor --device cpu --batch-norm --batch-size 1
says '^weft: --batch-norm: got batches of one sample'
weft 2 check --model normed --data xor --device cpu --gradient --batches 4
says '^weft: --batch-norm: got batches of one sample'
weft 2 bench --preset xor --device cpu --batch-norm --batch-size 1
says '^weft: --batch-norm: got batches of one sample'

# Initial weights from a file: if the file differs from the options, the message names the option.
weft 4 train --preset xor --device cpu --hidden 4,3 --init-model normed
says '^weft: normed: a model with batch norm, the options have none: need batch-norm, or another file$'
weft 0 train --data folder $recipe --epochs 1 --device cpu -o biased
weft 4 train --data folder $recipe --device cpu --init-model biased --batch-norm
says '^weft: biased: a model without batch norm, the options have it: need no batch-norm, or another file$'
weft 4 train --data folder --preset best --hidden 8 --epochs 1 --device cpu --no-batch-norm --no-flip --init-model biased
says '^weft: biased: activation relu, the options have gelu: need activation relu, or another file$'
weft 0 train --data folder --preset best --hidden 8 --epochs 1 --device cpu --no-batch-norm --no-flip \
    --activation relu --init-model biased
weft 4 train --data folder $recipe --head sigmoid --device cpu --init-model biased
says '^weft: biased: head softmax, the options have sigmoid: need head softmax, or another file$'
# A model of raw features continues with raw features.
weft 0 train --data folder $recipe --epochs 1 --scale none --device cpu -o unscaled
weft 0 train --data folder --hidden none --epochs 1 --device cpu -q -o linear
weft 0 train --data folder --hidden none --epochs 1 --device cpu -q --init-model linear -o linear # no activation to compare
weft 0 train --data folder $recipe --epochs 1 --device cpu --init-model unscaled -o unscaled
check 'a scale' test "$(grep -ac '"scale":"none"' unscaled)" -eq 1
weft 0 train --data folder $recipe --epochs 1 --device cpu --init-model unscaled --scale standard -o unscaled
check 'no scale' test "$(grep -ac '"scale":"standard"' unscaled)" -eq 1
weft 2 train --data folder --preset best --batch-norm --no-batch-norm --device cpu
says '^weft: --no-batch-norm: cannot be combined with --batch-norm$'
weft 2 train --data folder --flip --no-flip --device cpu
says '^weft: --no-flip: cannot be combined with --flip$'
weft 2 train --data folder --bias --no-bias --device cpu
says '^weft: --no-bias: cannot be combined with --bias$'
weft 2 train --data folder --shuffle --no-shuffle --device cpu
says '^weft: --no-shuffle: cannot be combined with --shuffle$'

# The article's network has no biases and no shuffling, but options can add them.
for given in '' --bias --shuffle; do
    weft 0 train --data folder --preset article --hidden 8 --epochs 2 --device cpu $given -o "article$given"
done
check 'biases that nobody asked for' test "$(grep -c 'layers.0.bias' article)" -eq 0
check 'no biases after --bias' grep -q 'layers.0.bias' article--bias
check 'the same weights after --shuffle' test "$(cmp -s article article--shuffle && echo same)" = ''
weft 2 train --preset xor --device cpu --init-model normed --init he
says '^weft: --init: cannot be combined with --init-model$'

# Options of hidden layers are rejected without hidden layers, unless they come from a preset.
for idle in --batch-norm '--dropout 0.1' '--activation tanh'; do
    weft 2 train --preset xor --device cpu --hidden none $idle
    says "^weft: ${idle%% *}: has no effect without hidden layers\$"
done
weft 0 train --data folder --preset best --hidden none --epochs 1 --device cpu
weft 2 train --preset xor --device cpu --initial-range 0.1
says '^weft: --initial-range: has no effect with init uniform-unit, only with uniform$'
for engine in own clblast; do
    weft 2 train --preset xor --device cpu --gemm $engine
    says '^weft: --gemm: needs an OpenCL device'
done
weft 0 train --preset xor --device cpu --gemm auto --epochs 1
weft 0 train --preset xor --device cpu --init zeros --epochs 1
says '^note: --init zeros: hidden units that start equal'
weft 0 train --preset xor --device cpu --hidden none --init zeros --epochs 1
check 'a note on layers that are not there' test "$(grep -c initialization err)" -eq 0

# An ensemble trains on shifted, mirrored and mixed images under shadow training, and also predicts
# mirror images.
weft 0 train --data folder $recipe --epochs 20 --device cpu --ensemble 2 -o ensemble --json -q \
    --label-smoothing 0.1 --class-weight balanced --shift 1 --flip --erase 1 --mixup 0.2 --check-every 7
prints '"model":"ensemble"'
prints '"members":2}'
weft 0 evaluate --model ensemble --data folder --device cpu --test-time-flip
prints 'accuracy .* %'
weft 0 predict --model ensemble --data folder --device cpu --test-time-flip --proba
prints '^index,label,name,0,1,2'
weft 0 train --data folder $recipe --epochs 2 --device cpu --ensemble 3
prints '^ensemble of 3: '
weft 2 train --data folder --init-model model_cpu --ensemble 2 --device cpu
says '^weft: --init-model: cannot be combined with --ensemble'
weft 4 train --data folder --hidden 8 --init-model ensemble --device cpu
says '^weft: ensemble: an ensemble: training starts from a single model'

# ---- tasks

printf '\0\0\010\2\0\0\0\4\0\0\0\2\0\0\1\0\0\1\1\1' >corners
printf '\0\0\010\2\0\0\0\4\0\0\0\3\0\0\0\1\0\0\0\1\1\1\1\1' >several
printf '\0\0\015\1\0\0\0\4\0\0\0\0\277\200\0\0\100\0\0\0\77\200\0\0' >numbers # 0 -1 2 1
recipe='--hidden none --epochs 200 --batches 1 --learning-rate 0.5 --optimizer sgd --schedule constant'
for device in cpu opencl; do
    weft 0 train --images corners --labels several --task multilabel $recipe --learning-rate 5 \
        --device $device --check-every 50 -o several_model --json -q
    training_shape '"number?"' '"number?"' =several_model
    prints '"train":{"accuracy":1.0,'
    weft 0 evaluate --model several_model --images corners --labels several --device $device --json
    prints '"confusion":null,"classes":.{"name":"0","precision":1.0,"recall":1.0,"f1":1.0,"support":2,'
    weft 0 evaluate --model several_model --images corners --labels several --device $device
    prints '^accuracy 100.00 % .* on 4 samples (all labels right), loss'
    weft 0 predict --model several_model --images corners --device $device
    printf 'index,0,1,2\n0,0,0,0\n1,1,0,0\n2,0,1,1\n3,1,1,1\n' >expected
    check 'a column for each label' cmp -s out expected
    weft 0 predict --model several_model --images corners --device $device --proba --json
    shape '{"index":"integer","labels":["integer"],"probabilities":["number"]}'

    weft 0 train --images corners --labels numbers --task regress $recipe --ensemble 2 \
        --device $device --check-every 50 -o numbers_model --log log --json -q
    prints '"train":{"accuracy":null,"error":[^,]*,"r2":\(1.0\|0.99999\)'
    check 'a log of two members' test "$(grep -c '"member":1' log) $(grep -c '"member":2' log)" = '200 200'
    check 'no accuracy in the log' grep -q '"train_accuracy":null,"validation_accuracy":null' log
    weft 0 evaluate --model numbers_model --images corners --labels numbers --device $device
    prints '^R^2 1.000 on 4 samples, loss'
    prints '^model: 2-1, head identity, preset default, seed 42, 200 epochs of sgd, constant, the first of 2 members'
    weft 0 evaluate --model numbers_model --images corners --labels numbers --device $device --json
    prints '"accuracy":null,.*"confusion":null,"classes":null,"r2":'
    weft 0 predict --model numbers_model --images corners --device $device
    check 'a number a line' test "$(sed 's/,.*[0-9]*e-.*/,0/' out | awk -F, 'NR > 1 { printf "%.3f ", $2 + 0.0 }')" \
        = '0.000 -1.000 2.000 1.000 '
    weft 0 predict --model numbers_model --images corners --device $device --json
    shape '{"index":"integer","outputs":["number"]}'
done
# The preset's recipe has label smoothing, which does not apply to this task.
weft 0 check --model numbers_model --device cpu
weft 2 predict --model numbers_model --images corners --device cpu --proba
says "^weft: --proba: the model's task is regress"
weft 3 evaluate --model numbers_model --images corners --labels several --device cpu
says '^weft: several: targets of a sample: got 3, the model needs 1'
weft 3 evaluate --model several_model --images corners --labels numbers --device cpu
says '^weft: numbers: targets of a sample: got 1, the model needs 3'
weft 3 evaluate --model model_cpu --images corners --labels several --device cpu
says '^weft: corners: features of a sample: got 2, the model needs 4'
weft 3 train --images corners --labels several --task classify --holdout 0.5 --device cpu
says '^weft: several: labels: got 3 targets for each sample, task classify needs one label'
weft 2 train --images corners --labels numbers --task regress --head softmax --device cpu
says '^weft: --head: got softmax, task regress needs identity'
weft 2 train --images corners --labels numbers --task regress --class-weight balanced --device cpu
says '^weft: --class-weight: has no effect with task regress'
weft 2 train --images corners --labels numbers --task regress --label-smoothing 0.1 --device cpu
says '^weft: --label-smoothing: has no effect with task regress'
weft 2 train --images corners --labels numbers --task regress --holdout 0.25 --patience 2 \
    --monitor accuracy --device cpu
says '^weft: --monitor: task regress has only a loss'
weft 2 train --images corners --labels numbers --task numbers --device cpu
says '^weft: --task numbers: unknown task; known: classify'
weft 0 check --task multilabel --hidden 5 --batch-size 20 --device cpu
weft 0 bench --task regress --samples 200 --features 5 --hidden 5 --device cpu

# The log has the number that early stopping and plateau monitor, and R^2 for task regress.
weft 0 train --images corners --labels several --task multilabel $recipe --epochs 3 --holdout 0.25 \
    --patience 3 --monitor accuracy --device cpu --log log -q
check 'the accuracy is monitored' test "$(grep -c '"validation_accuracy":\([0-9.]*\),.*"monitored":\1}' log)" -eq 3
weft 0 train --images corners --labels numbers --task regress $recipe --epochs 3 --holdout 0.5 \
    --device cpu --log log -q
check 'R^2 in the log' test "$(grep -c '"validation_r2":-*[0-9.e+-]*}' log)" -eq 3
weft 0 train --images corners --labels numbers --task regress $recipe --epochs 3 --holdout 0.5 \
    --schedule plateau --ensemble 2 --device cpu --log log -q
check 'all keys' test "$(grep -c '"member":[12],"validation_r2":.*,"monitored":[0-9.e+-]*}' log)" -eq 6

# Early stopping reports which epoch the weights come from.
weft 0 train --images corners --labels several --task multilabel $recipe --holdout 0.25 --patience 3 \
    --device cpu --json -q
prints '"best_epoch":[1-9]'
prints '"stopped_early":\(true\|false\)'
# If no epoch was the best, no monitored value was a number. Seed 8 holds out the sample of 3e38
# twice. Hidden units make infinite numbers of both signs from it, and their sum is NaN. The message
# names the sample, and the model is saved.
zeros='\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
printf "\0\0\015\2\0\0\0\4\0\0\0\2$zeros\177\141\261\346\177\141\261\346" >beyond
weft 3 train --images beyond --labels numbers --task regress --hidden 8 --activation identity --init uniform \
    --initial-range 1000 --learning-rate 0 --scale none --epochs 6 --holdout 0.25 --seed 8 --patience 3 --device cpu \
    --log log -q -o kept
says '^weft: validation set of beyond: sample 0: output 0: got nan, need a finite number: .*; the last good model, of epoch 3, is saved as kept$'
check 'what is no number is null' test "$(grep -c '"monitored":null}' log)" -eq 3

# A sample that overflows float32 gets no prediction and no class, and never counts as correct.
# Messages use its number in the file.
weft 0 train --images corners --labels numbers --task regress --hidden 8 --scale none --epochs 1 --device cpu -q -o plain
for device in cpu opencl; do
    for output in '' --json; do
        weft 3 predict --model plain --images beyond --device $device $output
        says '^weft: beyond: sample 3: output 0: got \(inf\|-inf\|nan\), need a finite number: .* the largest feature is number 0, 3e+38$'
        check 'none of it is printed' test "$(grep -c . out)" -eq 0
        weft 3 evaluate --model plain --images beyond --labels numbers --device $device $output
        says '^weft: beyond: sample 3: output 0: got '
        check 'nothing is printed' test ! -s out
    done
done

# Results that are finite but useless cause a note, and the exit code is 0.
weft 0 train $pair --hidden none --scale none --learning-rate 0 --init zeros --epochs 1 --device cpu -q -o useless --json
says '^note: every sample is predicted as the same class, "0"; the features are not standardized (scale none)$'
weft 0 evaluate --model useless $pair --device cpu --json
says '^note: every sample is predicted as the same class, "0"; the model was trained on features that were not standardized$'
weft 0 train $pair --hidden none --scale none --learning-rate 0 --init zeros --epochs 1 --device cpu -q --ensemble 2
says '^note: every sample is predicted as the same class, "0"; '
weft 0 train $pair $recipe --epochs 20 --device cpu -q -o useful
check 'a good model has no note' test "$(grep -c 'every sample' err)" -eq 0
weft 0 evaluate --model useful $pair --device cpu
check 'nor has its evaluation' test "$(grep -c '^note' err)" -eq 0

# the advice after a diverged training
weft 9 train $pair --optimizer adamw --weight-decay 1e30 --epochs 2 --device cpu -q
says '; try a smaller weight decay (now 1e+30)$'
weft 9 bench $pair --hidden 8 --optimizer sgd --schedule constant --l2 1e30 --device cpu -q
says '^weft: training diverged in epoch [0-9]* on .*: the loss is no longer finite; try a smaller l2 (now 1e+30)$'

# The name of a scale that all features share is "global".
weft 0 train $pair --hidden 4 --scale global --epochs 1 --device cpu -q -o global
check 'a global scale is called one' grep -q '"scale":"global"' global
weft 0 evaluate --model global $pair --device cpu
sed 's/"scale":"global"/"scale":"none"  /' global >other
weft 4 evaluate --model other $pair --device cpu
