package org.capi.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {

    @Test
    void escapesAndOverridesOfDirectionAreSpelledOut() {
        assertThat(Printable.of("a\u001b[31mb\u009b2J\rc\u0000\u007f"))
                .isEqualTo("a\\u001b[31mb\\u009b2J\\u000dc\\u0000\\u007f");
        assertThat(Printable.of("photo\u202egpj.exe\u2066\u200f")).isEqualTo("photo\\u202egpj.exe\\u2066\\u200f");
    }

    @Test
    void whatPeopleWriteStaysAsItIs() {
        String text = "犬 é\tname\n\\u001b & $1 👩‍👩‍👧";
        assertThat(Printable.of(text)).isEqualTo(text);
    }
}
