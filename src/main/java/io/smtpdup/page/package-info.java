/**
 * The operator's page on the management port: what flows, what waits where and why, and the buttons for it, for whoever has a browser and no
 * shell. It shows what {@link io.smtpdup.tools} tells and does what they do, so that page and commands never differ; templates in
 * {@code src/main/jte} make the HTML, and nothing here does. {@link io.smtpdup.page.PageServer} answers, {@link io.smtpdup.page.PageAccess}
 * says whom, a class for each page says what is on it.
 */
package io.smtpdup.page;
