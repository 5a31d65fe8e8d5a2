/**
 * Asks a backup about a list of recipients, politely: so many a second, few in a transaction, none twice that was answered, and with a
 * pause when the backup has had enough. An address that nobody has comes first in each domain, so that a server which takes any address
 * is recognised. How a server is asked is told from outside; no mail is ever sent.
 */
@NullMarked
package io.smtpdup.recipients;

import org.jspecify.annotations.NullMarked;
