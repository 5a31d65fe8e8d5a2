package io.smtpdup.testkit;

import static io.smtpdup.testkit.NastyMessage.of;
import static io.smtpdup.testkit.NastyMessage.ofLines;

import java.util.stream.Stream;

/** Messages without a header, without a body, without an end to their parts, or with a signature over every octet. */
final class NastyShapes {

    private NastyShapes() {}

    static Stream<NastyMessage> messages() {
        return Stream.of(bare(), multipart(), encoded(), signed()).flatMap(messages -> messages);
    }

    private static Stream<NastyMessage> bare() {
        return Stream.of(
                ofLines("shapes/empty"),
                ofLines("shapes/one empty line", ""),
                ofLines("shapes/two empty lines", "", ""),
                ofLines("shapes/a hundred empty lines", "\r\n".repeat(99)),
                ofLines("shapes/one blank", " "),
                ofLines("shapes/one octet", "x"),
                ofLines("shapes/header without empty line", "Subject: x", "From: a@b.test"),
                ofLines("shapes/header and empty line", "Subject: x", ""),
                ofLines("shapes/body without header", "Hello.", "How are you?"),
                ofLines("shapes/body after an empty line", "", "Hello.", "Subject: not a field"),
                ofLines("shapes/body that looks like a field", "", "Subject: not a field"),
                ofLines("shapes/text where a field should be", "Subject: x", "Hello.", "From: a@b.test", "", "text"),
                ofLines("shapes/text and then a header", "Hello", "", "Subject: x", "", "text"),
                ofLines("shapes/trailing empty lines", "Subject: x", "", "text", "", "", "", ""),
                ofLines("shapes/a line of one blank ends no header", "Subject: x", " ", "From: a@b.test", "", "text"));
    }

    private static Stream<NastyMessage> multipart() {
        String type = "Content-Type: multipart/mixed; boundary=b";
        return Stream.of(
                ofLines("multipart/ordinary", "MIME-Version: 1.0", type, "", "preamble", "--b", "", "one", "--b", "",
                        "two", "--b--", "epilogue"),
                ofLines("multipart/never ends", type, "", "--b", "", "one", "--b", "", "two"),
                ofLines("multipart/never begins", type, "", "one", "two"),
                ofLines("multipart/ends first", type, "", "--b--", "", "--b", "", "one"),
                ofLines("multipart/no boundary given", "Content-Type: multipart/mixed", "", "--b", "", "one", "--b--"),
                ofLines("multipart/empty boundary", "Content-Type: multipart/mixed; boundary=\"\"", "", "--", "",
                        "----"),
                ofLines("multipart/boundary with odd characters", "Content-Type: multipart/mixed;",
                        " boundary=\"=_ '()+_,-./:=?\"", "", "--=_ '()+_,-./:=?", "", "x", "--=_ '()+_,-./:=?--"),
                ofLines("multipart/boundary of a dot", "Content-Type: multipart/mixed; boundary=\".\"", "", "--.", "",
                        ".", "--.--", "."),
                ofLines("multipart/blanks after boundaries", type, "", "--b  ", "", "1", "--b\t", "", "2", "--b-- "),
                ofLines("multipart/parts without header or body", type, "", "--b", "--b", "", "--b--"),
                ofLines("multipart/boundary that begins another", type, "", "--b", "", "--bb", "--b-", "--b--b",
                        "--b--"),
                of("multipart/nested fifty deep", nested(50)),
                ofLines("multipart/attached message", "Content-Type: message/rfc822", "", "Subject: inner",
                        "Content-Type: message/rfc822", "", "Subject: innermost", "", ".", "text"),
                ofLines("multipart/report", "Content-Type: multipart/report; boundary=b", "", "--b", "", "It failed.",
                        "--b", "Content-Type: message/delivery-status", "",
                        "Reporting-MTA: dns; x.test", "", "Final-Recipient: rfc822; a@b.test", "Action: failed",
                        "Status: 5.1.1", "", "--b--"),
                ofLines("multipart/partial", "Content-Type: message/partial; id=x; number=1; total=2", "", "half"),
                ofLines("multipart/RFC 2231 names", "Content-Disposition: attachment; filename*0*=utf-8''%e2%82;",
                        " filename*1*=%ac", "", "text"));
    }

    private static Stream<NastyMessage> encoded() {
        String qp = "Content-Transfer-Encoding: quoted-printable";
        String base64 = "Content-Transfer-Encoding: base64";
        return Stream.of(
                ofLines("encoded/quoted-printable with trailing blanks", qp, "", "a=20", "b= ", "c =\t", "d \t", "e="),
                ofLines("encoded/quoted-printable, broken", qp, "", "=", "=X", "=0", "=0G", "==", "=0D=0A.=0D=0A"),
                ofLines("encoded/quoted-printable with soft breaks before dots", qp, "", "a=", ".", "=2E", "."),
                ofLines("encoded/base64 with trailing blanks", base64, "", "SGVsbG8= ", "\tSGVsbG8=", "  "),
                ofLines("encoded/base64, broken", base64, "", "SGVsb", "=", "!!!!", "SGVs=bG8="),
                ofLines("encoded/base64 in lines of 1 to 100", base64, "", "S", "SG", "SGVsbG8=".repeat(12), "SGV"),
                ofLines("encoded/8bit that is 7bit", "Content-Transfer-Encoding: 8bit", "", "text"),
                ofLines("encoded/7bit that is 8bit", "Content-Transfer-Encoding: 7bit", "", "gr\u00fc\u00dfe"),
                ofLines("encoded/binary", "Content-Transfer-Encoding: binary", "", "\0\u0001\u00ff"),
                ofLines("encoded/uuencode and yEnc", "Subject: x", "", "begin 644 x", "#0V%T", "`", "end",
                        "=ybegin line=128 size=3", "\u008b\u00ff\u0000", "=yend"));
    }

    /** No real signatures: the shapes of signed mail, which breaks when one octet changes. */
    private static Stream<NastyMessage> signed() {
        String simple = "DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=b.test; s=s;";
        return Stream.of(
                ofLines("signed/DKIM simple", simple, "\th=from:subject:date; bh=47DEQpj8HBSa+/TImW+5=;",
                        "\tb=abc  def", "\t ghi=", "From:  a@b.test ", "Subject:x", "", "text ", "", ""),
                ofLines("signed/DKIM twice and ARC", simple + " b=1", simple + " b=2", "ARC-Seal: i=1; b=3",
                        "ARC-Message-Signature: i=1; b=4", "ARC-Authentication-Results: i=1; x", "From: a@b.test", "",
                        "text"),
                ofLines("signed/S-MIME", "MIME-Version: 1.0", "Content-Type: multipart/signed; micalg=sha-256;",
                        "\tprotocol=\"application/pkcs7-signature\"; boundary=\"b\"", "", "This is signed.", "", "--b",
                        "Content-Type: text/plain ; charset = utf-8", "", "trailing blanks  ", "", "--b",
                        "Content-Type: application/pkcs7-signature", "Content-Transfer-Encoding: base64", "", "MIIB",
                        "--b--", ""),
                ofLines("signed/PGP", "Content-Type: multipart/signed; boundary=b", "", "--b", "", "From here ",
                        "- -- ", "--b", "Content-Type: application/pgp-signature", "",
                        "-----BEGIN PGP SIGNATURE-----", "", "=abcd", "-----END PGP SIGNATURE-----", "--b--"),
                ofLines("signed/PGP in the text", "Subject: x", "", "-----BEGIN PGP SIGNED MESSAGE-----",
                        "Hash: SHA256", "", "- -----", ".", "text \t", "-----BEGIN PGP SIGNATURE-----", "", "=abcd",
                        "-----END PGP SIGNATURE-----"));
    }

    private static String nested(int depth) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < depth; i++) {
            text.append("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n".formatted(i, i));
        }
        return text.append("\r\ninnermost\r\n").toString();
    }
}
