/* Texts of drivers, files and users, made fit for one line of a terminal. */
#ifndef WEFT_BASE_PLAIN_TEXT_H
#define WEFT_BASE_PLAIN_TEXT_H

/* Puts '?' in the place of each byte of a control character: C0, DEL, and C1 in UTF-8. */
void text_make_plain(char *text);

#endif
