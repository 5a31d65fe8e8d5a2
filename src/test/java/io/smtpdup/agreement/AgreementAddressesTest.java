package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

class AgreementAddressesTest extends AgreementFixture {

    @Test
    void keepsNoAddressesUnlessAsked() throws IOException {
        for (Addresses mode : List.of(Addresses.HASHED, Addresses.NONE)) {
            Path place = directory.resolve(mode.name());
            Agreement agreement = open(place, mode);
            agreement.record(Samples.at(now, "m1", "jack@b.example", Samples.TOOK, Fate.REFUSED,
                    Samples.said(Stage.RCPT, "550 5.1.1 <jack@b.example>: no mailbox for jack"), null));
            agreement.record(Samples.agreed("m2", "jack@b.example", now));
            agreement.mark("so that there is an epoch", Map.of());
            agreement.record(Samples.refused("m3", "jack@b.example", now));
            agreement.flush();
            Path whileOpen = copyOf(place);
            agreement.close();

            for (Path where : List.of(place, whileOpen)) {
                assertThat(allText(where)).as(where.toString()).isNotEmpty().doesNotContain("jack", "sender@a.example");
            }
        }
    }

    @Test
    void listsTheRecipientsThatThePrimaryTakesWhenAsked() throws IOException {
        Agreement agreement = open(Addresses.PLAIN);
        agreement.record(Samples.agreed("m1", "jack@b.example", now));
        agreement.record(Samples.agreed("m2", "Jack@b.example", now));
        agreement.record(Samples.refused("m3", "jill@b.example", now));
        agreement.record(Samples.of("m4", "joe@b.example", Samples.UNKNOWN_USER, Fate.TAKEN, Samples.said(Stage.RCPT, "250 2.1.5 Ok")));

        List<String> recipients = new ArrayList<>();
        agreement.recipients(recipients::add);

        assertThat(recipients).containsExactly("jack@b.example", "jill@b.example");
    }

    @Test
    void forgetsAnAddressEverywhere() throws IOException {
        for (Addresses mode : List.of(Addresses.PLAIN, Addresses.HASHED)) {
            Path place = directory.resolve(mode.name());
            Agreement agreement = open(place, mode);
            agreement.record(Samples.refused("m1", "jack@b.example", now));
            agreement.mark("an epoch", Map.of());
            agreement.record(Samples.refused("m2", "jack@b.example", now));
            agreement.record(Samples.refused("m3", "jill@b.example", now));

            int places = agreement.forget("JACK@b.example");

            assertThat(places).isEqualTo(mode == Addresses.PLAIN ? 5 : 4);
            assertThat(agreement.forget("jack@b.example")).isZero();
            assertThat(only(agreement).relations()).as("what happened, happened").containsEntry("refused", 2L);
            assertThat(only(agreement).differences().get(0).examples()).hasSize(1);
            assertThat(only(agreement).coverage().known()).isEqualTo(1);
            assertThat(allText(place)).doesNotContain("jack");
        }
    }

    @Test
    void forgetsAnAddressInEachFormInWhichItWasKept() throws IOException {
        for (Addresses mode : List.of(Addresses.PLAIN, Addresses.HASHED, Addresses.NONE)) {
            Agreement agreement = open(mode);
            agreement.record(Samples.refused("of-" + mode, "jack@b.example", now));
            agreement.mark("an epoch", Map.of());
            agreement.record(Samples.refused("and-" + mode, "jack@b.example", now));
            agreement.close();
            now = now.plusSeconds(1);
        }
        Agreement agreement = open(Addresses.NONE);

        agreement.forget("Jack@b.example");

        assertThat(allText(directory.resolve("agreement"))).doesNotContain("jack").doesNotContainPattern("#[0-9a-f]{12}");
        assertThat(agreement.earlier()).hasSize(3).allSatisfy(report -> assertThat(report.backups().get(0).differences()).allSatisfy(
                one -> assertThat(one.examples()).noneMatch(example -> example.recipient().contains("b.example"))));
        assertThat(agreement.forget("jack@b.example")).isZero();
    }

    @Test
    void removesTheListOfAddressesWhenItIsNotWantedAnyMore() throws IOException {
        Agreement agreement = open(Addresses.PLAIN);
        agreement.record(Samples.agreed("m1", "jack@b.example", now));
        agreement.close();
        assertThat(directory.resolve("agreement/addresses")).hasContent("jack@b.example");

        open(Addresses.HASHED).close();

        assertThat(directory.resolve("agreement/addresses")).doesNotExist();
    }

    @Test
    void listsRecipientsThatWereKnownBeforeTheListWasWanted() throws IOException {
        Agreement agreement = open(Addresses.PLAIN);
        agreement.record(Samples.agreed("m1", "jack@b.example", now));
        agreement.close();
        agreement = open(Addresses.HASHED);
        agreement.record(Samples.agreed("m2", "jill@b.example", now));
        agreement.close();

        agreement = open(Addresses.PLAIN);
        agreement.record(Samples.agreed("m3", "jill@b.example", now));
        agreement.record(Samples.agreed("m4", "jack@b.example", now));
        agreement.record(Samples.agreed("m5", "jill@b.example", now));

        List<String> recipients = new ArrayList<>();
        agreement.recipients(recipients::add);
        assertThat(recipients).containsExactly("jill@b.example", "jack@b.example");
    }

    @Test
    void keepsItsFilesToItself() throws IOException {
        Agreement agreement = open(Addresses.PLAIN);
        agreement.record(Samples.refused("m1", "a@b.example", now));
        agreement.mark("an epoch", Map.of());
        agreement.close();

        try (Stream<Path> files = Files.walk(directory.resolve("agreement"))) {
            assertThat(files.filter(Files::isRegularFile)).isNotEmpty().allSatisfy(file ->
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------"));
        }
    }
}
