/* The names of the tasks, which define what the targets of a sample are. */
#ifndef WEFT_DATA_TASK_H
#define WEFT_DATA_TASK_H

#include "base/status.h"

enum { TASKS = 3 };
extern const char *const task_names[TASKS]; /* in the order of enum weft_task */

/* Returns the name of a task. */
static inline const char *task_name(enum weft_task task)
{
    return task_names[task];
}

#endif
