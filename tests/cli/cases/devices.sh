# Tests devices: the list, the choice, and a machine without OpenCL.

cpu='"cpu":{"name":"string","driver":"string","compute_units":"integer","checked":"string?"}'
weft 0 devices --json
shape '{"devices":[{"index":"integer","platform":"string","name":"string","type":"string",
    "driver":"string","compute_units":"integer","global_bytes":"integer","fp64":"boolean",
    "checked":"string?"}],'"$cpu"'}'
prints '"index":0'
prints '"checked":null'
weft 0 devices
prints '^    0 '
prints '^  cpu '
says '^note: not checked: weft check --device INDEX'

few='--data folder --epochs 2 -q'
weft 0 train $few --device 0 --json
prints '"backend":"opencl"'
weft 0 train $few --device 0:0 --json
prints '"backend":"opencl"'
weft 0 train --data folder --epochs 100000000 --dry-run --json -q
prints '"backend":"opencl"'
check 'a note in spite of -q' test "$(grep -c checked err)" -eq 0

# Small work needs no OpenCL. An engine means OpenCL, and so do kernels and batches to check.
weft 0 train $few --json -o small
prints '"backend":"cpu"'
prints '"device_reason":"a small training run: starting OpenCL would take longer"'
says '^device: .*, CPU backend (a small training run: starting OpenCL would take longer)$'
for command in evaluate predict 'plot confusion -o confusion.svg'; do
    weft 0 $command --model small --data folder
    says '^device: .*, CPU backend (few predictions: starting OpenCL would take longer)$'
done
weft 0 train $few --check-every 1 --json
prints '"backend":"opencl"'
weft 0 train $few --gemm own --json
prints '"backend":"opencl"'
mkdir faulty
echo 'this is no kernel' >faulty/losses.cl
export WEFT_KERNEL_DIR=faulty
weft 7 train $few
weft 7 predict --model small --data folder
unset WEFT_KERNEL_DIR
export WEFT_DEVICE_SHAPE=gpu
weft 0 train $few --json
prints '"backend":"opencl"'
unset WEFT_DEVICE_SHAPE

# All members of an ensemble count, and so do mirror images.
weft 0 train --data folder --epochs 2000 --hidden 9 --dry-run --json -q
prints '"backend":"cpu"'
weft 0 train --data folder --epochs 2000 --hidden 9 --ensemble 100 --dry-run --json -q
prints '"backend":"opencl"'
images=$here/../../data/fashion-sample
weft 0 train --data "$images" --epochs 1 --hidden 4000 -q --device cpu -o wide
weft 0 predict --model wide --data "$images"
says '^device: .*few predictions'
weft 0 predict --model wide --data "$images" --test-time-flip
says '^device: .*OpenCL device'

# A wrong device fails before any row is read.
printf 'a,b,y\n1,2,u\n3,4,v\n' >good.csv
printf 'a,b\n1,2\n3,x\n' >damaged.csv
weft 0 train --data good.csv --target y --epochs 1 -q -o table
weft 3 predict --model table --data damaged.csv --device cpu
weft 6 predict --model table --data damaged.csv --device 99
weft 0 train --data folder --epochs 2 --device 0
check 'not one line on checks' test "$(grep -c checked err)" -eq 1
says '^note: not checked yet: weft check --device 0$'
weft 0 train --data folder --epochs 2 --device cpu
says '^note: not checked yet: weft check --device cpu$'
weft 6 train $few --device 99
silent_but_one_line
weft 6 train $few --device no-such-name
silent_but_one_line
weft 2 train $few --device ''
silent_but_one_line

# With -v, every line of the driver's build log is printed separately.
mkdir kernels
{
    printf '__kernel void broken(__global float *x)\n{\n'
    printf '    x[0] = first_fault;\n    x[1] = second_fault;\n}\n'
} >kernels/losses.cl
export WEFT_KERNEL_DIR=kernels
weft 7 train $few --device opencl
says '^weft: .*first_fault'
check 'the log in spite of no -v' test "$(grep -c '^log: ' err)" -eq 0
weft 7 train $few --device opencl -v
says '^log: .*first_fault'
says '^log: .*second_fault'
check 'two lines in one' test "$(grep -c '?' err)" -eq 0
check 'empty lines' test "$(grep -c '^log: $' err)" -eq 0
unset WEFT_KERNEL_DIR

export OCL_ICD_VENDORS=/nonexistent
weft 0 devices
weft 0 devices --json
shape '{"devices":[],'"$cpu"'}'
prints '"devices":\[\]'
for device in opencl gpu 0; do
    weft 6 train $few --device $device
    silent_but_one_line
done
weft 0 train $few --json
prints '"backend":"cpu"'
check 'the choice of the CPU backend is said in one line' test "$(grep -c '^device: .*OpenCL' err)" -eq 1
weft 0 train $few --device cpu
unset OCL_ICD_VENDORS
