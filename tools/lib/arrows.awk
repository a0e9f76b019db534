# Holds the includes of host/MODULE/ to the arrows between the modules, and each foreign header to the
# one place that may know it. One line for each fault; exit 1 if there is any.

BEGIN {
    # What a module may include besides itself.
    may["base"] = ""
    may["data"] = "base"
    may["plot"] = "base"
    may["report"] = "plot base"
    may["record"] = "base"
    may["metrics"] = "base"
    may["options"] = "data base"
    may["network"] = "options data base"
    may["pack"] = "network options data base"
    may["backend"] = "network options data base"
    may["opencl"] = "record backend network options data base"
    may["cpu"] = "backend network options data base"
    may["reference"] = "network options base"
    may["train"] = "backend network options data metrics base"
    may["check"] = "train reference record backend network options data base"
    may["ranks"] = "train base"
    may["embed"] = "backend base"
    may["bench"] = "check train backend network options data base"
    may["tune"] = "bench check train record backend network options data base"
    may["api"] = "pack tune ranks embed bench check train opencl cpu record plot backend network options data metrics base"
    may["app"] = ""

    # Where a header from outside may be included: a pattern for the path of the including file.
    only["clblast_c.h"] = "^host/opencl/products_clblast\\.c$"
    only["CL/cl.h"] = "^host/opencl/"
    only["OpenCL/opencl.h"] = "^host/opencl/"
    only["cblas.h"] = "^host/cpu/"
    only["omp.h"] = "^host/(base/parallel|cpu/cpu_blas)\\.c$"
    only["cairo.h"] = "^host/plot/picture_cairo\\.c$"
    only["cairo-pdf.h"] = "^host/plot/picture_cairo\\.c$"
    only["zlib.h"] = "^host/data/"
    only["jansson.h"] = "^host/(network|record|app)/"
    only["mpi.h"] = "^host/ranks/"
    only["popt.h"] = "^host/app/"
    only["Random123/philox.h"] = "^host/base/"
    platform = "^(unistd|fcntl|dirent|time|pwd|pthread|dlfcn|signal|sys/.*|windows)\\.h$"
}

function fault(text)
{
    printf "%s:%d: %s\n", FILENAME, FNR, text
    faults++
}

/^#include "/ {
    split(FILENAME, path, "/")
    split($2, name, "\"")
    if (name[2] == "weft.h" || name[2] ~ /^weft_[a-z]+\.h$/)
        next
    parts = split(name[2], target, "/")
    if (path[2] == "app" && parts == 1) # the program is compiled without host/ on its path
        next
    if (parts != 2) {
        fault(name[2] ": write it as \"module/file.h\"")
        next
    }
    if (target[1] != path[2] && index(" " may[path[2]] " ", " " target[1] " ") == 0)
        fault("an arrow that is not there: " path[2] " -> " target[1])
}

/^#include </ {
    header = substr($2, 2, length($2) - 2)
    if (header in only && FILENAME !~ only[header])
        fault("<" header "> is for files like " only[header])
    if (header ~ platform && FILENAME !~ "^host/(base|app)/")
        fault("<" header ">: platform calls live in host/base")
}

END {
    exit faults > 0
}
