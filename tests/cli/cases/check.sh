# Tests weft check and shadow training: the table, the JSON, the exit codes. faulty_kernels.sh has the
# wrong kernels.

check_json='{"device":"string","driver":"string","ok":"boolean","seconds":"number","results":[{"name":"string","shape":"string",
    "worst":"number?","bound":"number","unit":"=ratio","ok":"boolean","array":"string","element":"integer",
    "got":"number?","want":"number?","allowed":"number?"}]}'
small='--hidden 5 --batch-size 16'
weft 0 check --device cpu $small
prints '^operation  *shape  *worst  *bound  *verdict$'
prints '^sigmoid_forward  *93x17, extreme values  .*  ok$'
prints '^product_forward  *16x5x784  '
prints '^weight_gradient  *layer 1: 10x5  '
prints '^[0-9]* results, 0 wrong, .*: computes correct results$'
check 'fewer than 60 results' test "$(grep -c '  ok$' out)" -ge 60
weft 0 check --device cpu $small --json
shape "$check_json"
prints '"ok":true'
weft 0 check --device opencl $small --data folder --head identity --no-bias
prints '^product_forward  *16x5x4  '
weft 0 check --device cpu --preset xor
weft 0 check --device cpu --hidden none --batches 1 --data folder

# the check of a model
weft 0 train --data folder --hidden 4 --epochs 2 --device cpu -q -o checked.model
weft 0 check --device cpu --model checked.model --data folder --batch-size 8
prints '^dense_forward  *layer 0: 8x4  '
weft 0 check --device cpu --model checked.model
weft 2 check --device cpu --model checked.model --hidden 4
says '^weft: --hidden: cannot be combined with --model'
weft 2 check --device cpu --model checked.model --preset article
says '^weft: --preset: cannot be combined with --model$'
weft 3 check --device cpu --model checked.model --data xor
weft 4 check --device cpu --model folder/train-labels-idx1-ubyte
weft 5 check --device cpu --model missing
weft 2 check --devise cpu
says '^weft: --devise: .*--device'
weft 2 check --replay x --hidden 5
says '^weft: --hidden: cannot be combined with --replay'
weft 2 check --replay x --dropout 0.1
says '^weft: --dropout: cannot be combined with --replay'
weft 4 check --device cpu --replay checked.model
says '^weft: checked.model: not a bundle'
weft 5 check --device cpu --replay missing
weft 6 check --device no-such-name
"$program" check --device cpu $small >/dev/full 2>err
outcome 5 $? 'weft check >/dev/full'

# ---- without OpenCL
export OCL_ICD_VENDORS=/nonexistent
weft 6 check $small
says 'OpenCL'
weft 0 check --device cpu $small
unset OCL_ICD_VENDORS

# ---- shadow training
watched='--data folder --hidden 4 --epochs 3 --batch-size 16 -q'
weft 0 train $watched --device cpu --check-every 2
check 'a bundle of a device that is right' test ! -e weft-bundle.safetensors
weft 2 train $watched --device cpu --bundle b
says '^weft: --bundle: needs --check-every'
weft 2 train $watched --device cpu --check-every 0
weft 2 train $watched --device cpu --check-every -1
weft 2 train $watched --device cpu --check-every often
weft 2 train $watched --device cpu --check-every 1 --bundle new.model -o new.model
says '^weft: --bundle new.model: this run writes -o new.model to this file'
weft 5 train $watched --device cpu --check-every 1 --bundle no-such-folder/b
silent_but_one_line
weft 9 train --data folder --hidden 4 --epochs 3 --device cpu -q --learning-rate 1e38 --l2 1 --check-every 100
says 'epoch [0-9]*, batch [0-9]*: .*no longer finite, and the reference agrees'
