/* Makes text from drivers, files and users safe for one line of a terminal. */
#ifndef WEFT_BASE_PLAIN_TEXT_H
#define WEFT_BASE_PLAIN_TEXT_H

/* Replaces each byte of a control character with '?': C0, DEL, and C1 in UTF-8. */
void text_make_plain(char *text);

#endif
