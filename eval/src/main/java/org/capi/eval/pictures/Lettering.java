package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.util.Map;

/**
 * Captions in small letters of 5 by 9 dots, each drawn as a square of pixels. A Java runtime draws text only where the
 * machine has fonts, which a bare server has not.
 */
final class Lettering {

    private static final int DOT = 2;
    private static final int DOTS_HIGH = 9;
    private static final int DOTS_WIDE = 5;
    private static final int INK = 0x333333;

    /** How high a line is, in pixels. */
    static final int HEIGHT = DOTS_HIGH * DOT;

    /** Nine rows from the top, two of them below the line, each a digit in base 32 whose bits are the dots from left to right. */
    private static final Map<Character, String> LETTERS = Map.ofEntries(
            Map.entry('a', "00e1fhf00"),
            Map.entry('b', "ggmphpm00"),
            Map.entry('c', "00ehghe00"),
            Map.entry('d', "11djhjd00"),
            Map.entry('e', "00ehvge00"),
            Map.entry('f', "698s88800"),
            Map.entry('g', "00fhhhf1e"),
            Map.entry('h', "ggmphhh00"),
            Map.entry('i', "40c444e00"),
            Map.entry('j', "2062222ic"),
            Map.entry('k', "ggikoki00"),
            Map.entry('l', "c44444e00"),
            Map.entry('m', "00qllhh00"),
            Map.entry('n', "00mphhh00"),
            Map.entry('o', "00ehhhe00"),
            Map.entry('p', "00uhhhugg"),
            Map.entry('q', "00fhhhf11"),
            Map.entry('r', "00mpggg00"),
            Map.entry('s', "00ege1u00"),
            Map.entry('t', "88s889600"),
            Map.entry('u', "00hhhjd00"),
            Map.entry('v', "00hhha400"),
            Map.entry('w', "00hhlla00"),
            Map.entry('x', "00ha4ah00"),
            Map.entry('y', "00hhhhf1e"),
            Map.entry('z', "00v248v00"),
            Map.entry('0', "ehjlphe00"),
            Map.entry('1', "4c4444e00"),
            Map.entry('2', "eh1248v00"),
            Map.entry('3', "v2421he00"),
            Map.entry('4', "26aiv2200"),
            Map.entry('5', "vgu11he00"),
            Map.entry('6', "68guhhe00"),
            Map.entry('7', "v12488800"),
            Map.entry('8', "ehhehhe00"),
            Map.entry('9', "ehhf12c00"),
            Map.entry('+', "0044v4400"),
            Map.entry('-', "0000e0000"));

    private Lettering() {}

    /** Writes a text of lower-case letters, digits, + and -; anything else is left blank. */
    static void write(BufferedImage onto, String text, int left, int top) {
        for (int i = 0; i < text.length(); i++) {
            String rows = LETTERS.getOrDefault(text.charAt(i), "000000000");
            for (int y = 0; y < HEIGHT; y++) {
                int dots = Character.digit(rows.charAt(y / DOT), 32);
                for (int x = 0; x < DOTS_WIDE * DOT; x++) {
                    if ((dots >> (DOTS_WIDE - 1 - x / DOT) & 1) == 1) {
                        onto.setRGB(left + i * (DOTS_WIDE + 1) * DOT + x, top + y, INK);
                    }
                }
            }
        }
    }
}
