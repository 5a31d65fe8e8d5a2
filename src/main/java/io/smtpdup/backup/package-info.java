/**
 * The copies' side of the relay: when a backup is given its copies, what becomes of those it does not take, and who hears of
 * it. Beans for the routes 20-copies, 30-backup, 40-undelivered and 50-questions; what they decide, the routes do.
 */
package io.smtpdup.backup;
