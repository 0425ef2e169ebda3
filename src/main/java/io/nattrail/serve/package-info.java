/**
 * {@code nattrail serve}: a page and an HTTP API on this machine that take captures and give reports.
 *
 * <p>What a client sends is never a path: files get names made here, cases get random ids, and only names that the server itself wrote down
 * are ever opened.
 */
package io.nattrail.serve;
