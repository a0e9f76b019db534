"""Compiles OpenCL C for NVIDIA's and AMD's GPUs, and reads how much of a GPU each kernel takes.

NVIDIA: clang-15 and libclc-15 make PTX, and ptxas assembles it. AMD: clang-15 and libclc-15 make the
machine code. All functions are inlined, as the drivers do.

Occupancy is the share of a multiprocessor's warps, or of a SIMD's waves, that run at the same time.
On NVIDIA it follows from registers, static and dynamic local memory and the size of the work-groups
by the limits below. On AMD it is what clang derives from registers and static local memory.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

CLANG = "clang-15"
LIBRARY = "/usr/lib/clc"
INLINE = ["-mllvm", "-inline-threshold=1000000"]
COMMON = ["-x", "cl", "-Xclang", "-finclude-default-header", "-O2", "-w"]

# CUDA C++ Programming Guide, "Technical Specifications per Compute Capability": warps, work-groups
# and bytes of local memory of a multiprocessor. Each has 65536 registers, given to warps in
# pieces of 256, and a work-group takes 1 KiB of local memory besides its own.
SM = {"sm_75": (32, 16, 64 << 10), "sm_86": (48, 16, 100 << 10), "sm_89": (48, 24, 100 << 10), "sm_90": (64, 32, 228 << 10)}
REGISTERS, PIECE = 65536, 256
# AMD's ISA documents, as LLVM has them: waves of a SIMD.
WAVES = {"gfx906": 10, "gfx1030": 16, "gfx1100": 16}


@dataclass
class Usage:
    registers: int
    stack: int  # bytes per work-item, spilled registers included
    spills: int  # bytes on NVIDIA, vector registers on AMD, whose scalar registers spill into vector registers
    local: int  # bytes of static local memory per work-group
    occupancy: float


def ptxas():
    """The assembler of the CUDA toolkit, or of PyPI's nvidia-cuda-nvcc."""
    places = [shutil.which("ptxas"), "/usr/local/cuda/bin/ptxas", *glob.glob(".cache/offline/lib/python3*/site-packages/nvidia/*/bin/ptxas")]
    for place in places:
        if place and os.access(place, os.X_OK):
            return place
    sys.exit("tools/offline: ptxas is missing; run tools/setup offline")


def run(command, what):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"tools/offline: {what}: {done.stderr.strip()[:2000]}")
    return done.stdout + done.stderr


def nvidia_options(program):
    return [CLANG, *COMMON, *program.options, *INLINE, "-target", "nvptx64--nvidiacl", "-Xclang", "-target-cpu", "-Xclang", "sm_75",
            "-Xclang", "-target-feature", "-Xclang", "+ptx63", "-Xclang", "-mlink-builtin-bitcode",
            "-Xclang", f"{LIBRARY}/nvptx64--nvidiacl.bc", "-S"]


def nvidia_ir(program, source, folder):
    output = f"{folder}/program.ll"
    run([*nvidia_options(program), "-emit-llvm", "-o", output, source], f"{program.name} for NVIDIA")
    with open(output, encoding="utf-8") as file:
        return file.read()


def nvidia(program, source, folder):
    """{arch: {kernel: Usage}}"""
    output = f"{folder}/program.ptx"
    run([*nvidia_options(program), "-o", output, source], f"{program.name} for NVIDIA")
    with open(output, encoding="utf-8") as file:
        required = re.findall(r"\.entry (\w+)\(.*?\)\s*\.reqntid (\d+), (\d+)", file.read(), re.S)
    sizes = {name: size for name, (size, _) in program.launches.items()}
    sizes.update({name: (int(x), int(y)) for name, x, y in required})
    return {arch: nvidia_usage(run([ptxas(), "-v", "--gpu-name", arch, "-o", "/dev/null", output], f"{program.name} on {arch}"), arch,
                               program, sizes) for arch in SM}


def nvidia_usage(report, arch, program, sizes):
    usages = {}
    for name, text in re.findall(r"Compiling entry function '(\w+)'.*?\n(.*?Used .*?)\n", report, re.S):
        local = int((re.search(r"(\d+) bytes smem", text) or [0, 0])[1])
        registers = int(re.search(r"Used (\d+) registers", text)[1])
        stack = int(re.search(r"(\d+) bytes stack frame", text)[1])
        spills = sum(map(int, re.search(r"(\d+) bytes spill stores, (\d+) bytes spill loads", text).groups()))
        size, (_, arguments) = sizes.get(name, (64, 1)), program.launches.get(name, ((64, 1), []))
        dynamic = sum(int(a[1:]) for a in arguments if a[0] == "l")
        usages[name] = Usage(registers, stack, spills, local + dynamic, nvidia_occupancy(arch, registers, local + dynamic, size[0] * size[1]))
    return usages


def nvidia_occupancy(arch, registers, local, items):
    most_warps, most_groups, memory = SM[arch]
    warps = max(1, -(-items // 32))
    by_registers = REGISTERS // (-(-registers * 32 // PIECE) * PIECE) // warps
    groups = min(most_groups, by_registers, memory // (local + 1024), most_warps // warps)
    return groups * warps / most_warps


def amd(program, source, folder):
    """{arch: {kernel: Usage}}"""
    usages = {}
    for arch in WAVES:
        report = run([CLANG, *COMMON, *program.options, *INLINE, "-target", "amdgcn-amd-amdhsa", f"-mcpu={arch}", "-nogpulib",
                      "-Xclang", "-mlink-builtin-bitcode", "-Xclang", f"{LIBRARY}/amdgcn--amdhsa.bc", "-S",
                      "-fno-caret-diagnostics", "-Rpass-analysis=kernel-resource-usage", "-o", f"{folder}/program.s", source],
                     f"{program.name} on {arch}")
        with open(f"{folder}/program.s", encoding="utf-8") as file:
            kernels = set(re.findall(r"\.amdhsa_kernel (\w+)", file.read()))
        usages[arch] = amd_usage(report, arch, kernels)
    return usages


def amd_usage(report, arch, kernels):
    usages = {}
    for name, text in re.findall(r"Function Name: (\w+)(.*?)(?=Function Name:|\Z)", report, re.S):
        if name not in kernels:
            continue
        number = {key.strip(): int(value) for key, value in re.findall(r"remark:\s+([^:\n]+): (\d+)", text)}
        usages[name] = Usage(number["VGPRs"] + number.get("AGPRs", 0), number["ScratchSize [bytes/lane]"],
                             number["VGPRs Spill"], number["LDS Size [bytes/block]"],
                             number["Occupancy [waves/SIMD]"] / WAVES[arch])
    return usages
