package io.nattrail.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: enough to reproduce a finding. */
public final class VersionFacts implements IVersionProvider {
    /** Version of NatTrail; {@code development} when it does not run from its jar. */
    static String version() {
        String version = VersionFacts.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            "nattrail " + version(),
            "Java " + System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ", "
                    + System.getProperty("java.vm.name") + ")",
            System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch"),
        };
    }
}
