/* The words for what a sample's targets are, see task.h. */
#include "data/task.h"

const char *const task_names[TASKS] = {"classify", "multilabel", "regress"};
