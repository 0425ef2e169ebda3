package io.nattrail.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class FileNamesProperties {
    @Provide
    Arbitrary<String> hostileNames() {
        return Arbitraries.oneOf(Arbitraries.strings().all().ofMaxLength(300),
                Arbitraries.strings().withChars("./\\-%:~ aZ0\u0000\u202e").ofMaxLength(40));
    }

    @Property
    void noNameLeavesItsFolderOrIsAnOption(@ForAll("hostileNames") String label) {
        String name = FileNames.make(label, new HashSet<>());

        assertThat(name).matches("[A-Za-z0-9_][A-Za-z0-9._-]*").hasSizeLessThanOrEqualTo(110);
        assertThat(Path.of("/case/input").resolve(name).normalize()).hasParentRaw(Path.of("/case/input"));
    }

    @Property
    void namesOfOneCaseDiffer(@ForAll List<String> labels) {
        Set<String> used = new HashSet<>();
        Set<String> names = new HashSet<>();

        for (String label : labels) {
            assertThat(names.add(FileNames.make(label, used).toLowerCase(Locale.ROOT))).isTrue();
        }
    }
}
