/* The names of the tasks; see task.h. */
#include "data/task.h"

const char *const task_names[TASKS] = {"classify", "multilabel", "regress"};
