package io.nattrail.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class Crc32cProperties {
    private final Crc32c joining = new Crc32c();

    @Property
    void theCrcOfPiecesIsThatOfTheWhole(@ForAll @Size(max = 3000) byte[] all, @ForAll @IntRange(min = 1, max = 400) int piece) {
        int joined = 0;
        for (int at = 0; at < all.length; at += piece) {
            int length = Math.min(piece, all.length - at);
            joined = joining.join(joined, crc(all, at, length), length);
        }

        assertThat(joined).isEqualTo(crc(all, 0, all.length));
    }

    private static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
