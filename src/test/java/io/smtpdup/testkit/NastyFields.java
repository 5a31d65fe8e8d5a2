package io.smtpdup.testkit;

import static io.smtpdup.testkit.NastyMessage.ORDINARY_HEADER;
import static io.smtpdup.testkit.NastyMessage.of;
import static io.smtpdup.testkit.NastyMessage.ofField;
import static io.smtpdup.testkit.NastyMessage.ofLines;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Header fields that a mail library would rewrite, a relay could take for its own, or that are not quite fields. */
final class NastyFields {

    private NastyFields() {}

    static Stream<NastyMessage> messages() {
        return Stream.of(spelled(), folded(), missing(), repeated(), takenForOurs(), trace(), many())
                .flatMap(messages -> messages);
    }

    private static Stream<NastyMessage> spelled() {
        return Stream.of(
                ofField("fields/space before the colon", "X-Space : x"),
                ofField("fields/tab before the colon", "X-Tab\t: x"),
                ofField("fields/nothing after the colon", "X-Empty:"),
                ofField("fields/one blank after the colon", "X-Empty: "),
                ofField("fields/no blank after the colon", "X-Close:x"),
                ofField("fields/many blanks around the value", "X-Wide:   x   "),
                ofField("fields/odd case", "x-ODD-cAsE: x\r\nSUBJECT: y\r\nmime-version: 1.0"),
                ofField("fields/no colon", "this is no field"),
                ofField("fields/colon alone", ":"),
                ofField("fields/colon first", ": no name"),
                ofField("fields/blank in the name", "X Two Words: x"),
                ofField("fields/odd but legal name", "!#$%&'*+-./0^_`{|}~: x"),
                ofField("fields/name of 900 octets", "X-" + "n".repeat(898) + ": x"),
                ofField("fields/comments", "MIME-Version: 1.0 (Apple)\r\nContent-Type: text/plain (of course)"),
                ofField("fields/odd MIME version", "MIME-Version: 2.0"),
                ofField("fields/encoded words", "Comments: =?UTF-8?Q?gr=C3=BC?= =?utf-8?b?4pyT?= =?x?z?broken?="),
                ofField("fields/raw quotes and brackets", "Cc: \"a\\\"b\" <c@d.test>, <>, @x:y@z, undisclosed:;"),
                ofField("fields/group address", "Cc: friends: a@b.test, c@d.test;"),
                ofField("fields/odd dates", "Resent-Date: yesterday\r\nExpires: 1 Jan 70 00:00 EST"),
                ofField("fields/leading blank line of the header is folded", "X-A: a\r\n \r\nX-B: b"));
    }

    private static Stream<NastyMessage> folded() {
        return Stream.of(
                ofField("folded/with a blank", "X-Fold: a\r\n b"),
                ofField("folded/with a tab", "X-Fold: a\r\n\tb"),
                ofField("folded/with many", "X-Fold: a\r\n \t \t b"),
                ofField("folded/with trailing blanks", "X-Fold: a \t\r\n b  \r\n\tc "),
                ofField("folded/right after the colon", "X-Fold:\r\n a"),
                ofField("folded/a line of blanks only", "X-Fold: a\r\n   \r\n b"),
                ofField("folded/a dot in every line", "X-Fold: .\r\n .\r\n\t."),
                ofField("folded/inside a quoted string", "Cc: \"a\r\n b\" <c@d.test>"),
                ofField("folded/inside an address", "Cc: <a\r\n @b.test>"),
                ofField("folded/100 KB in one field", "X-Fold: a" + "\r\n b".repeat(25_000)),
                ofField("folded/100 KB of references", "References:" + "\r\n <0123456789@example.test>".repeat(3_600)),
                of("folded/the first line of all", " folded nowhere\r\n" + ORDINARY_HEADER + "\r\ntext\r\n"),
                of("folded/the first line of all, with a tab", "\tfolded nowhere\r\nSubject: x\r\n\r\ntext\r\n"));
    }

    private static Stream<NastyMessage> missing() {
        return Stream.of(
                ofLines("missing/Date", "From: a@b.test", "Message-ID: <1@b.test>", "", "text"),
                ofLines("missing/Message-ID", "From: a@b.test", "Date: Mon, 05 Jan 2026 10:00:00 +0100", "", "text"),
                ofLines("missing/From", "Message-ID: <1@b.test>", "Date: Mon, 05 Jan 2026 10:00:00 +0100", "", "text"),
                ofLines("missing/To", "From: a@b.test", "Subject: x", "", "text"),
                ofLines("missing/MIME-Version", "Content-Type: text/html", "", "<p>"),
                ofLines("missing/everything but a subject", "Subject: x", "", "text"));
    }

    private static Stream<NastyMessage> repeated() {
        return Stream.of(
                ofField("repeated/Subject", "Subject: second\r\nSubject: third"),
                ofField("repeated/From and Sender", "From: other@example.test\r\nSender: a@b.test\r\nSender: c@d.test"),
                ofField("repeated/Message-ID", "Message-ID: <second@example.test>"),
                ofField("repeated/Date", "Date: Tue, 06 Jan 2026 10:00:00 +0100"),
                ofField("repeated/Content-Type", "Content-Type: text/plain\r\nContent-Type: text/html"),
                ofField("repeated/the same field ten times", "X-Same: x\r\n".repeat(9) + "X-Same: x"),
                ofField("repeated/in different case", "X-Case: 1\r\nx-case: 2\r\nX-CASE: 3"));
    }

    /** What a program made of Camel, Jakarta Mail and a message broker might believe to be its own. */
    private static Stream<NastyMessage> takenForOurs() {
        return Stream.of(
                        "Bcc: secret@example.test",
                        "Resent-Bcc: secret@example.test",
                        "Content-Length: 3",
                        "Lines: 1",
                        "Status: RO",
                        "X-Unsent: 1",
                        "mail.smtp.host: evil.test",
                        "mail.smtp.from: evil@example.test",
                        "CamelFileName: ../../evil",
                        "CamelSmtpServerRecipients: victim@example.test",
                        "CamelRedelivered: true",
                        "CamelHttpUri: http://127.0.0.1/",
                        "camelfilename: x",
                        "breadcrumbId: evil",
                        "JMSReplyTo: queue://evil",
                        "JMSXGroupID: evil",
                        "_AMQ_SCHED_DELIVERY: 9999999999999",
                        "AMQ_SCHEDULED_DELAY: 1",
                        "org.apache.camel.evil: ${sys.user.home}",
                        "X-Simple: ${header.x} #{{x}} {{spool.directory}} $[evil]",
                        "Subject: ${jndi:ldap://127.0.0.1/x}",
                        "X-Percent: %s %n %d %0 {} {0}",
                        "Content-Transfer-Encoding: evil",
                        "Content-Type: evil",
                        "Content-Disposition: attachment; filename=../../evil",
                        "Precedence: bulk\r\nAuto-Submitted: auto-replied",
                        "Disposition-Notification-To: a@b.test\r\nReturn-Receipt-To: a@b.test",
                        "X-Postfix-Queue-ID: 1\r\nX-Original-To: a@b.test\r\nDelivered-To: a@b.test")
                .map(field -> ofField("ours/" + field.replace("\r\n", " and "), field));
    }

    private static Stream<NastyMessage> trace() {
        String rest = ORDINARY_HEADER + "\r\ntext\r\n";
        return Stream.of(
                of("trace/From line of a mailbox", "From alice Mon Jan  5 10:00:00 2026\r\n" + rest),
                of("trace/quoted From line", ">From alice Mon Jan  5 10:00:00 2026\r\n" + rest),
                of("trace/Return-Path", "Return-Path: <evil@example.test>\r\n" + rest),
                of("trace/Return-Path twice, folded", "Return-Path:\r\n <a@b.test>\r\nReturn-Path: <>\r\n" + rest),
                ofField("trace/Received below the others", "Received: from x\r\n\tby y; now"),
                of("trace/twenty Received", received(20) + rest),
                of("trace/resent block", "Resent-From: a@b.test\r\nResent-To: c@d.test\r\n" + rest));
    }

    private static Stream<NastyMessage> many() {
        String fields = IntStream.range(0, 1000)
                .mapToObj(i -> "X-Field-" + i + ": " + i)
                .collect(Collectors.joining("\r\n"));
        return Stream.of(
                ofField("many/1,000 fields", fields),
                ofField("many/1,000 fields of one name", "X: y\r\n".repeat(999) + "X: y"),
                ofField("many/500 recipients", "Cc: a@b.test" + ",\r\n c@d.test".repeat(499)),
                ofField("many/10,000 recipients in one line", "Cc: a@b.test" + ", c@d.test".repeat(9_999)));
    }

    private static String received(int n) {
        return IntStream.range(0, n)
                .mapToObj(i -> "Received: from h" + i + ".test by h" + (i + 1) + ".test with ESMTP;\r\n"
                        + "\tMon, 05 Jan 2026 10:00:00 +0100\r\n")
                .collect(Collectors.joining());
    }
}
