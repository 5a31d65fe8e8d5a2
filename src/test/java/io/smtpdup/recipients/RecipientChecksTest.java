package io.smtpdup.recipients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.IntStream;

import io.smtpdup.agreement.AgreementSettings;
import io.smtpdup.agreement.AskedRecipients;
import io.smtpdup.agreement.ReplyMeanings;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.RecipientAnswers;
import io.smtpdup.message.RecipientAnswers.Answer;
import io.smtpdup.message.RecipientAnswers.SaidTo;
import io.smtpdup.message.Reply;
import io.smtpdup.recipients.RecipientChecks.NotTaken;
import io.smtpdup.recipients.RecipientChecks.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A backup is asked about a list, politely. */
@Timeout(120)
class RecipientChecksTest {

    private static final Reply OK = Reply.of(250, "2.1.5", "Ok");

    private static final Reply UNKNOWN = Reply.of(550, "5.1.1", "User unknown");

    private final List<List<String>> asked = Collections.synchronizedList(new ArrayList<>());

    private final Map<String, Integer> counted = Collections.synchronizedMap(new HashMap<>());

    /** What the backup says to an address; an address that nobody has is unknown, unless a test says otherwise. */
    private volatile Function<String, Reply> backup = address -> address.startsWith("no-such-mailbox-") ? UNKNOWN : OK;

    private volatile Callouts callouts = this::ask;

    @TempDir
    Path directory;

    private AskedRecipients kept;

    private RecipientChecks checks;

    @BeforeEach
    void open() {
        AgreementSettings settings = AgreementSettings.in(directory.resolve("agreement"));
        kept = new AskedRecipients(settings, Clock.systemUTC(), line -> { });
        checks = new RecipientChecks((name, envelope) -> callouts.ask(name, envelope), 1000, Duration.ofMillis(1), kept,
                new ReplyMeanings(settings, line -> { }), (name, result) -> counted.merge(result, 1, Integer::sum), Clock.systemUTC(), new EndedChecks());
    }

    @AfterEach
    void close() {
        checks.close();
    }

    /** As a callout does. */
    private RecipientAnswers ask(String name, Envelope envelope) {
        asked.add(envelope.recipients());
        List<Answer> answers = new ArrayList<>();
        String cutShort = null;
        for (String address : envelope.recipients()) {
            Reply reply = cutShort == null ? backup.apply(address) : null;
            answers.add(new Answer(address, reply == null ? SaidTo.NOT_ASKED : SaidTo.RCPT, reply));
            if (reply != null && RecipientAnswers.isEnough(reply)) {
                cutShort = "refused: " + reply;
            }
        }
        return new RecipientAnswers("new.test", answers, cutShort);
    }

    private Status check(String... addresses) {
        checks.start("new-25", null, "", List.of(addresses));
        return await().until(() -> checks.status("new-25").orElseThrow(),
                status -> !List.of("running", "waiting").contains(status.state()));
    }

    private List<NotTaken> notTaken() {
        return checks.results("new-25", null, 0, 1000).orElseThrow().results();
    }

    private static String[] addresses(int number) {
        return IntStream.range(0, number).mapToObj(n -> "user" + n + "@b.test").toArray(String[]::new);
    }

    @Test
    void asksEachOnceFewTogetherAndAnAddressThatNobodyHasFirst() {
        Status end = check(addresses(25));

        assertThat(end).returns("done", Status::state).returns(25, Status::taken).returns(25, Status::total);
        assertThat(asked.get(0)).singleElement().asString().matches("no-such-mailbox-[a-z2-7]{16}@b\\.test");
        assertThat(asked.stream().skip(1).map(List::size)).containsExactly(10, 10, 5);
        assertThat(asked.stream().skip(1).flatMap(List::stream)).containsExactly(addresses(25));
        assertThat(notTaken()).isEmpty();
        assertThat(counted).containsEntry("taken", 25);
    }

    @Test
    void saysWhatIsRefusedAndWhatThatIsAbout() {
        backup = address -> address.startsWith("user1@") ? Reply.of(552, "5.2.2", "Mailbox full") : address.startsWith("user2@")
                || address.startsWith("no-such") ? UNKNOWN : OK;

        Status end = check(addresses(4));

        assertThat(end).returns(2, Status::taken).returns(2, Status::refused).returns("done", Status::state);
        assertThat(notTaken()).containsExactly(
                new NotTaken("user1@b.test", "refused", "rcpt", "552 5.2.2 Mailbox full", "mailbox"),
                new NotTaken("user2@b.test", "refused", "rcpt", "550 5.1.1 User unknown", "address"));
        assertThat(kept.failed("new-25")).isEqualTo(2);
        assertThat(kept.takesAny("new-25")).isFalse();
        assertThat(checks.results("new-25", null, 1, 1).orElseThrow().results()).extracting(NotTaken::recipient).containsExactly("user2@b.test");
        assertThat(checks.results("new-25", null, 0, 1).orElseThrow().more()).isEqualTo(1);
    }

    @Test
    void whatIsTakenLaterHasFailedNoMore() {
        backup = address -> UNKNOWN;
        check(addresses(3));
        backup = address -> address.startsWith("no-such") || address.startsWith("user2") ? UNKNOWN : OK;
        check(addresses(3));

        assertThat(kept.failed("new-25")).isEqualTo(1);
    }

    @Test
    void doesNotAskABackupThatTakesAnyAddress() {
        backup = address -> OK;

        Status end = check("a@b.test", "c@b.test", "d@B.TEST");

        assertThat(end).returns("done", Status::state).returns(0, Status::taken).returns(3, Status::catchAll)
                .returns(List.of("b.test"), Status::catchAllDomains);
        assertThat(asked).hasSize(1);
        assertThat(kept.takesAny("new-25")).isTrue();
        assertThat(notTaken()).extracting(NotTaken::result).containsOnly("catch-all");

        backup = address -> address.startsWith("no-such-mailbox-") ? UNKNOWN : OK;
        assertThat(check("a@b.test")).returns(1, Status::taken);
        assertThat(kept.takesAny("new-25")).isFalse();
    }

    @Test
    void seesACatchAllBehindAGreylist() {
        Map<String, Integer> times = new HashMap<>();
        backup = address -> times.merge(address, 1, Integer::sum) < 3 ? Reply.of(450, "4.2.0", "greylisted") : OK;

        assertThat(check(addresses(3))).returns("done", Status::state).returns(0, Status::taken).returns(3, Status::catchAll);
        assertThat(asked.stream().flatMap(List::stream).filter(address -> address.startsWith("no-such-")).distinct()).hasSize(1);
        assertThat(kept.takesAny("new-25")).isTrue();
    }

    @Test
    void seesACatchAllThatHadEnoughAtFirst() {
        Map<String, Integer> times = new HashMap<>();
        backup = address -> times.merge(address, 1, Integer::sum) < 3 ? Reply.of(450, "4.7.1", "greylisted") : OK;

        assertThat(check(addresses(3))).returns("done", Status::state).returns(3, Status::catchAll);
        assertThat(asked).hasSize(3);
    }

    @Test
    void whatWasTakenIsClearAsSoonAsNobodyIsRefusedAndIsNotAskedAgain() {
        Map<String, Integer> times = new HashMap<>();
        backup = address -> !address.startsWith("no-such-") ? OK
                : times.merge(address, 1, Integer::sum) < 3 ? Reply.of(450, "4.2.0", "greylisted") : UNKNOWN;

        assertThat(check(addresses(25))).returns("done", Status::state).returns(25, Status::taken).returns(0, Status::unclear);
        assertThat(asked.stream().flatMap(List::stream).filter("user5@b.test"::equals)).hasSize(1);
        assertThat(asked.stream().flatMap(List::stream).filter(address -> address.startsWith("no-such-"))).hasSize(3);
    }

    @Test
    void whatIsTakenIsUnclearWhereNothingClearIsSaidAboutNobody() {
        for (Reply said : List.of(Reply.of(450, "4.2.0", "later"), Reply.of(554, "5.7.1", "Service unavailable; blocked using bl.test"))) {
            backup = address -> address.startsWith("no-such-") ? said : address.startsWith("user1@") ? UNKNOWN : OK;

            assertThat(check(addresses(3))).returns("done", Status::state).returns(0, Status::taken).returns(2, Status::unclear)
                    .returns(1, Status::refused);
            assertThat(notTaken()).contains(new NotTaken("user0@b.test", "unclear", "rcpt", "250 2.1.5 Ok", "none"));
        }
    }

    @Test
    void asksEachDomainOnceADayAboutNobody() {
        backup = address -> address.startsWith("no-such-mailbox-") && !address.endsWith("@any.test") ? UNKNOWN : OK;

        Status end = check("a@b.test", "a@any.test", "b@b.test");
        check("c@b.test");

        assertThat(end).returns(2, Status::taken).returns(List.of("any.test"), Status::catchAllDomains);
        assertThat(asked.stream().flatMap(List::stream).filter(address -> address.startsWith("no-such-mailbox-"))).hasSize(2);
    }

    @Test
    void pausesWhenTheBackupHasEnoughAndGoesOnWhereItWas() {
        Map<String, Integer> times = new HashMap<>();
        backup = address -> address.startsWith("no-such") ? UNKNOWN
                : address.equals("user12@b.test") && times.merge(address, 1, Integer::sum) < 3 ? Reply.of(450, "4.7.1", "too fast") : OK;

        Status end = check(addresses(25));

        assertThat(end).returns("done", Status::state).returns(25, Status::taken);
        assertThat(asked.stream().flatMap(List::stream).filter("user5@b.test"::equals)).hasSize(1);
        assertThat(asked.stream().flatMap(List::stream).filter("user12@b.test"::equals)).hasSize(3);
    }

    @Test
    void isStoppedWhenNoPauseHelps() {
        backup = address -> address.startsWith("no-such") ? UNKNOWN : address.equals("user3@b.test") ? Reply.of(421, "4.3.2", "busy") : OK;

        Status end = check(addresses(25));

        assertThat(end).returns("stopped", Status::state).returns(3, Status::taken).returns(21, Status::notAsked).returns(1, Status::unclear);
        assertThat(end.reason()).contains("421");
        assertThat(notTaken().get(0)).isEqualTo(new NotTaken("user3@b.test", "unclear", "rcpt", "421 4.3.2 busy", "system"));
        assertThat(asked.stream().flatMap(List::stream).filter("user3@b.test"::equals)).hasSize(5);
    }

    @Test
    void whatIsPutOffIsUnclearInTheEnd() {
        backup = address -> address.startsWith("no-such") ? UNKNOWN : address.equals("user1@b.test") ? Reply.of(450, "4.2.0", "greylisted") : OK;

        Status end = check(addresses(3));

        assertThat(end).returns("done", Status::state).returns(2, Status::taken).returns(1, Status::unclear);
        assertThat(kept.failed("new-25")).isZero();
    }

    @Test
    void isStoppedAtOnceByARefusalOfTheSender() {
        Reply denied = Reply.of(550, "5.7.1", "not from you");
        callouts = (name, envelope) -> {
            asked.add(envelope.recipients());
            return new RecipientAnswers("new.test", envelope.recipients().stream()
                    .map(address -> new Answer(address, SaidTo.MAIL, denied)).toList(), "refused MAIL: " + denied);
        };

        Status end = check(addresses(25));

        assertThat(end).returns("stopped", Status::state).returns(25, Status::notAsked);
        assertThat(end.reason()).contains("5.7.1");
        assertThat(asked).hasSize(1);
        assertThat(kept.failed("new-25")).isZero();
    }

    @Test
    void isStoppedAtOnceWhenTheBackupIsAwayFromTheStart() {
        callouts = (name, envelope) -> new RecipientAnswers("", envelope.recipients().stream()
                .map(address -> new Answer(address, SaidTo.NOT_ASKED, null)).toList(), "cannot use new:25: refused");

        assertThat(check(addresses(3))).returns("stopped", Status::state).returns(3, Status::notAsked)
                .returns("cannot use new:25: refused", Status::reason);
    }

    @Test
    void isStoppedWhenSomethingFailsHere() {
        callouts = (name, envelope) -> {
            throw new IllegalStateException("no such endpoint");
        };

        assertThat(check(addresses(3))).returns("stopped", Status::state).returns("something failed; see the relay's log", Status::reason);
    }

    @Test
    void canBeEndedWhileItWaitsAndIsTheOnlyOneOfItsBackup() {
        CountDownLatch release = new CountDownLatch(1);
        callouts = (name, envelope) -> {
            release.await();
            return ask(name, envelope);
        };
        Status begun = checks.start("new-25", null, "", List.of(addresses(3)));
        assertThatThrownBy(() -> checks.start("new-25", null, "", List.of("a@b.test"))).hasMessageContaining("already");

        assertThat(checks.cancel("new-25", "other")).isFalse();
        assertThat(checks.cancel("new-25", begun.job())).isTrue();

        assertThat(checks.status("new-25").orElseThrow()).returns("cancelled", Status::state).returns(3, Status::notAsked);
        release.countDown();
        callouts = this::ask;
        assertThat(check(addresses(3))).returns("done", Status::state);
    }

    @Test
    void whatWasCancelledBeforeItBeganNeverBegins() {
        assertThat(checks.cancel("new-25", "00000000000000aa")).isFalse();

        assertThatThrownBy(() -> checks.start("new-25", "00000000000000aa", "", List.of("a@b.test"))).hasMessageContaining("cancelled before");
        assertThat(checks.start("new-25", "00000000000000bb", "", List.of("a@b.test")).job()).isEqualTo("00000000000000bb");
        assertThat(checks.cancel("new-25", "00000000000000bb")).isTrue();
        assertThatThrownBy(() -> checks.start("new-25", "00000000000000bb", "", List.of("a@b.test"))).hasMessageContaining("begun already");
    }

    @Test
    void showsTheResultsOfTheCheckThatIsMeant() {
        backup = address -> UNKNOWN;
        String job = check("a@b.test").job();

        assertThat(checks.results("new-25", job, 0, 9).orElseThrow().results()).hasSize(1);
        assertThat(checks.results("new-25", "00000000000000cc", 0, 9)).isEmpty();
    }

    @Test
    void nobodyIsAskedAfterTheEnd() {
        checks.close();

        assertThatThrownBy(() -> checks.start("new-25", null, "", List.of("a@b.test"))).isInstanceOf(IllegalStateException.class);
        assertThat(checks.status("new-25")).isEmpty();
        assertThat(checks.results("new-25", null, 0, 1)).isEmpty();
    }

    @Test
    void aPaceIsForAllQuestionsTogether() {
        long[] now = {0};
        Pace pace = new Pace(4, () -> now[0]);

        assertThat(pace.together()).isEqualTo(4);
        assertThat(pace.next(4)).isZero();
        assertThat(pace.next(2)).isEqualTo(1_000_000_000);
        now[0] = 10_000_000_000L;
        assertThat(pace.next(1)).isZero();
        assertThat(pace.next(1)).isEqualTo(250_000_000);
        assertThat(new Pace(1000, () -> 0).together()).isEqualTo(10);
    }
}
