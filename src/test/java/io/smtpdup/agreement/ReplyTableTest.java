package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;

import io.smtpdup.message.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplyTableTest {

    private static final String EXCHANGE = "mx.example.com Microsoft ESMTP MAIL Service ready";

    private static final String GMAIL = "mx.google.com ESMTP d9443c01a7336 - gsmtp";

    private final ReplyTable table = ReplyTable.shipped();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in virtual mailbox table | address
            450 4.1.1 <a@b.example>: Recipient address rejected: unverified address: unknown user      | address
            550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup       | address
            550 5.1.2 Bad destination system address                          | address
            550 Unrouteable address                                           | address
            550 User unknown                                                  | address
            550 sorry, no mailbox here by that name. (#5.1.1)                 | address
            550 5.1.1 <spf-dkim-tls@b.example> User doesn't exist: spf        | address
            554 5.7.1 <a@b.example>: Recipient address rejected: Access denied | address
            550                                                               | address
            553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1) | relay-trust
            552 5.2.2 <a@b.example> Quota exceeded (mailbox for user is full) | mailbox
            452 4.2.2 The email account that you tried to reach is over quota | mailbox
            550 5.2.1 The email account that you tried to reach is disabled   | mailbox
            552 Mailbox full                                                  | mailbox
            550 5.7.1 Mailbox has exceeded its limit: over quota              | mailbox
            552 5.3.4 Message size exceeds fixed limit                        | size
            552 5.2.3 Message size exceeds fixed maximum message size (100)   | size
            554 5.7.1 <a@b.example>: Relay access denied                      | relay-trust
            550 5.7.1 <a@b.example>... Relaying denied                        | relay-trust
            550 relay not permitted                                           | relay-trust
            550 I cannot deliver mail for <a@b.example>                       | relay-trust
            554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org | relay-trust
            550 5.7.1 Unable to relay                                         | relay-trust
            554 5.7.1 Service refused, 192.0.2.1 is listed on zen.spamhaus.org | relay-trust
            550 Your host [192.0.2.1] is listed on bl.example.org             | relay-trust
            450 4.7.1 mx.example.com is listed on a list                      | relay-trust
            550 Administrative prohibition                                    | relay-trust
            554 5.2.122 The recipient has exceeded their limit for the number of messages | throttle
            530 5.7.1 Authentication required                                 | relay-trust
            450 4.7.1 Client host rejected: cannot find your hostname, [192.0.2.1] | relay-trust
            550 5.7.25 The IP address does not have a PTR record              | relay-trust
            550 5.7.23 <a@b.example>: Recipient address rejected: SPF fail    | sender-auth
            550 5.7.26 This mail is unauthenticated                           | sender-auth
            450 4.1.8 <x@y.example>: Sender address rejected: Domain not found | sender-auth
            550 Sender verify failed                                          | sender-auth
            550 5.7.1 rejected by DMARC policy for y.example                  | sender-auth
            450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/ | greylist
            450 4.1.1 <a@b.example>: Recipient address rejected: Greylisting in effect | greylist
            451 4.7.1 Greylisting in action, please come back in 00:05:00     | greylist
            451 4.7.1 Try again later                                         | greylist
            451 Greylisted, please try again in 300 seconds                   | greylist
            451 4.7.1 Service unavailable - try again later                   | system
            450 4.7.1 Error: too much mail from 192.0.2.1                     | throttle
            421 4.7.0 mx.example.com Error: too many connections from 192.0.2.1 | throttle
            450 4.7.1 Error: too many recipients from 192.0.2.1               | throttle
            452 4.5.3 Error: too many recipients                              | protocol
            452 too many recipients                                           | protocol
            555 5.5.4 Unsupported option: SMTPUTF8                            | protocol
            553 5.6.7 Must list SMTPUTF8 extension                            | protocol
            554 5.4.6 Too many hops                                           | protocol
            530 5.7.0 Must issue a STARTTLS command first                     | tls
            538 Encryption required for requested authentication mechanism    | tls
            454 TLS currently unavailable                                     | tls
            550 5.7.10 Encryption needed                                      | tls
            452 4.3.1 Insufficient system storage                             | system
            451 Temporary local problem - please try later                    | system
            451 4.3.0 Internal error                                          | system
            421 4.3.2 Service shutting down                                   | system
            250 2.1.5 Ok                                                      | none
            """)
    void readsWhatServersSayToARecipient(String reply, String category) {
        assertThat(table.categoryOf(answer(Stage.RCPT, reply, "")).text()).isEqualTo(category);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            550 5.7.1 message content rejected                                | content
            554 5.7.1 Spam message rejected                                   | content
            554 5.7.1                                                         | content
            554                                                               | content
            550 5.6.0 Message contains a virus                                | content
            552 message too big                                               | size
            552                                                               | size
            552 5.2.2 over quota                                              | mailbox
            550 5.1.1 <a@b.example> User doesn't exist: a                     | address
            451 4.7.1 Try again later                                         | greylist
            550 5.7.1 SPF check failed                                        | sender-auth
            550 5.6.11 Message contains bare line feeds                       | protocol
            500 5.5.2 line too long                                           | protocol
            550 Administrative prohibition                                    | content
            550 5.7.1 Administrative prohibition                              | content
            554 5.7.1 https://b.example/x is listed on SURBL                  | content
            554 5.7.1 Refused, [192.0.2.1] is listed on zen.spamhaus.org      | relay-trust
            550 5.7.1 Refused: 192.0.2.1 is listed on zen.spamhaus.org        | relay-trust
            552 5.7.0 This message was blocked because its content presents a potential security issue | content
            """)
    void readsWhatServersSayAtTheFinalDot(String reply, String category) {
        assertThat(table.categoryOf(answer(Stage.DOT, reply, "")).text()).isEqualTo(category);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            550 5.7.1 not from here                                           | relay-trust
            552 5.3.4 Message size exceeds fixed limit                        | size
            552 Message size exceeds maximum permitted                        | size
            550 5.1.8 Domain of sender address does not resolve               | sender-auth
            550 5.1.0 rejected                                                | sender-auth
            550 SPF: 192.0.2.1 may not send for y.example                     | sender-auth
            553 5.1.7 bad sender syntax                                       | sender-auth
            530 5.7.0 Must issue a STARTTLS command first                     | tls
            452 4.3.1 Insufficient system storage                             | system
            451 4.4.1 The next mail server cannot be reached, try again later | system
            """)
    void readsWhatServersSayToTheSender(String reply, String category) {
        assertThat(table.categoryOf(answer(Stage.MAIL, reply, "")).text()).isEqualTo(category);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            550 5.4.1 Recipient address rejected: Access denied               | address
            550 5.5.0 Requested action not taken: mailbox unavailable         | address
            550 5.7.64 TenantAttribution; Relay Access Denied                 | relay-trust
            550 5.7.68 TenantInboundAttribution                               | relay-trust
            550 5.7.30 Basic authentication is not supported                  | relay-trust
            530 5.7.57 Client not authenticated to send mail                  | relay-trust
            550 5.7.606 Access denied, banned sending IP                      | relay-trust
            550 5.7.515 Access denied, sending domain does not meet the level | sender-auth
            550 5.7.509 Access denied, sending domain does not pass DMARC     | sender-auth
            451 4.7.500 Server busy. Please try again later                   | throttle
            450 4.7.230 slow down                                             | throttle
            554 5.2.121 Recipient's per hour message receive limit exceeded   | throttle
            554 5.2.122 The recipient has exceeded their limit for messages   | throttle
            550 5.4.14 Hop count exceeded - possible mail loop                | protocol
            """)
    void knowsExchange(String reply, String category) {
        assertThat(table.categoryOf(answer(Stage.RCPT, reply, EXCHANGE)).text()).isEqualTo(category);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            550 5.7.30 The sender did not authenticate with DKIM              | sender-auth
            550 5.7.27 The sender did not authenticate with SPF               | sender-auth
            550 5.7.29 This message was not sent over a TLS connection        | tls
            421 4.7.0 IP not in whitelist for RCPT domain, closing connection | relay-trust
            421 4.7.0 TLS required for RCPT domain, closing connection        | tls
            421 4.7.0 Try again later, closing connection                     | throttle
            421 4.7.28 unusual rate of unsolicited mail                       | throttle
            450 4.2.1 The user is receiving mail too quickly                  | throttle
            452 4.5.3 Your message has too many recipients                    | protocol
            451 4.3.0 Multiple destination domains per transaction is unsupported | protocol
            """)
    void knowsGmail(String reply, String category) {
        assertThat(table.categoryOf(answer(Stage.RCPT, reply, GMAIL)).text()).isEqualTo(category);
    }

    @Test
    void takesTheNetworksNumberForWhatItSaysWhereTheServerIsNotExchange() {
        assertThat(table.categoryOf(answer(Stage.RCPT, "550 5.4.1 no answer from host", "mx.example.com ESMTP Postfix")))
                .isEqualTo(Category.SYSTEM);
    }

    @Test
    void knowsAVendorByItsRepliesWhenTheGreetingIsNotKnown() {
        Answer answer = answer(Stage.RCPT,
                "550 5.4.1 Recipient address rejected: Access denied. [DB3EUR04FT037.eop-eur04.prod.protection.outlook.com]", "");

        assertThat(table.categoryOf(answer)).isEqualTo(Category.ADDRESS);
    }

    @Test
    void readsTheOperatorsLinesFirst() throws BadLineException {
        ReplyTable own = ReplyTable.with(List.of("# ours", "",
                "vendor | acme | acme mta",
                "content | acme | rcpt, dot | 5xx | 5.1.1, - | Forbidden Fruit"), "replies");

        assertThat(own.categoryOf(answer(Stage.RCPT, "550 5.1.1 a forbidden fruit", "mx ESMTP Acme MTA 1"))).isEqualTo(Category.CONTENT);
        assertThat(own.categoryOf(answer(Stage.RCPT, "550 5.1.1 a forbidden fruit", "mx"))).isEqualTo(Category.ADDRESS);
        assertThat(own.categoryOf(answer(Stage.RCPT, "550 5.1.1 unknown", "mx ESMTP Acme MTA 1"))).isEqualTo(Category.ADDRESS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            spam | * | * | * | * | x;                 is no category
            address | * | * | * | *;                  has 5 columns
            address | * | greeting | * | * | *;       must be mail, rcpt, data, dot or *
            address | * | * | 250 | * | *;            a code such as 550
            address | * | * | 550 | 5.1 | *;          an enhanced code such as 5.7.1
            vendor | acme;                            must be vendor | name
            """)
    void namesTheLineThatIsWrong(String line, String problem) {
        assertThatThrownBy(() -> ReplyTable.with(List.of("# first", line), "replies.mine"))
                .isInstanceOf(BadLineException.class).hasMessageStartingWith("replies.mine:2: ").hasMessageContaining(problem);
    }

    @Test
    void readsAReplyOfSeveralLinesAsOne() {
        Answer answer = Answer.of(Stage.DOT, Reply.parse("550-5.7.26 This mail has been blocked\r\n550 5.7.26 because - gsmtp"), "");

        assertThat(answer.line()).isEqualTo("550 5.7.26 This mail has been blocked because - gsmtp");
    }

    private static Answer answer(Stage stage, String reply, String server) {
        return Answer.of(stage, Reply.parse(reply), server);
    }
}
