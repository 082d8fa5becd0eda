using System.Globalization;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Vaults.Media;

public static class MediaProblems
{
    public const string NoVolumeCode = "media-no-volume";

    public static ResurgamException NoGeneration(string wanted, IEnumerable<string> known) =>
        Of(
            "media-generation-unknown",
            $"the vault has no generation {wanted}",
            $"It has {string.Join(", ", known)}; without --generation all are written."
        );

    public static ResurgamException TooSmall(long volumeBytes, long neededBytes) =>
        Of(
            "media-volume-too-small",
            $"a volume of {new ByteSize(volumeBytes)} has no room for the largest object of the vault beside what every volume has",
            $"Say --volume-size {new ByteSize(neededBytes)} or more."
        );

    public static ResurgamException TooMany(long volumeBytes, int count) =>
        Of(
            "media-volume-too-small",
            $"volumes of {new ByteSize(volumeBytes)} would make {count} of them",
            string.Create(
                CultureInfo.InvariantCulture,
                $"At most {MediaSet.MostVolumes} can be told apart: say a larger --volume-size."
            )
        );

    public static ResurgamException NoVolume(string name, long lengthBytes) =>
        Of(
            NoVolumeCode,
            $"{name} is no volume of a vault: nothing in its {new ByteSize(lengthBytes)} looks like one",
            "Name files or devices that 'resurgam vault media write' wrote; a tape has to be rewound."
        );

    public static ResurgamException NotThere(string path) =>
        Of(NoVolumeCode, $"there is no volume at {path}", "Name volumes (*.tar), a folder of them, or a device.");

    public static ResurgamException NotRead(string path, string reason) =>
        Of(NoVolumeCode, $"{path} cannot be read: {reason}", "Put the volume in, and see that you may read it.");

    public static ResurgamException NewerFormat(string name, int format) =>
        Of(
            "media-newer-format",
            $"{name} has format {format}, which this program does not know",
            "Use a newer resurgam, or unpack it with tar as its README.md says."
        );

    public static ResurgamException OtherVault(string name, string found, string expected) =>
        Of(
            "media-other-vault",
            $"{name} is of vault {found}, not {expected}",
            "Read the volumes of each vault into a folder of its own."
        );

    public static ResurgamException TargetNotEmpty(string target, string key) =>
        Of(
            "media-target-refused",
            $"{target} holds no vault and is not empty: there is {key}",
            "Name an empty folder with --to: what is there is never overwritten or mixed with."
        );

    public static ResurgamException NoSet(string wanted) =>
        Of(
            "media-set-unknown",
            $"the ledger has no set of volumes {wanted}",
            "'resurgam vault media list' shows those that were written."
        );

    public static ResurgamException NotBegun(string wanted) =>
        Of(
            "media-set-unknown",
            $"no set {wanted} is half written on this machine",
            "Go on where it was begun, with the same plan and state folder; or write a new set with --volume-size."
        );

    public static ResurgamException NoSuchVolume(string set, int number, int count) =>
        Of(
            "media-volume-unknown",
            $"set {set} has no volume {number}",
            string.Create(CultureInfo.InvariantCulture, $"Its volumes are 1 to {count}.")
        );

    public static ResurgamException IsDestroyed(string set, int number) =>
        Of(
            "media-destroyed-refused",
            $"volume {number} of set {set} is destroyed, as the ledger says",
            "Name the other volumes with --volume."
        );

    public static ResurgamException NotAsWritten(string name, string how) =>
        Of(
            "media-damaged",
            $"{name} is not as it was written: {how}",
            "Do not confirm it. Write the set again, and find out what happened to this volume."
        );

    public static ResurgamException NoPlace(string path, string reason) =>
        Of(
            "media-not-written",
            $"{path} cannot be written: {reason}",
            "Name a folder, in which volumes become files, or a device that takes one, with --to."
        );

    public static ResurgamException NotWritten(string path, string reason) =>
        Of(
            "media-not-written",
            $"{path} cannot be written: {reason}",
            "Make room or put in the right medium, then go on with the same set: 'resurgam vault media write --set SET ...'."
        );

    private static ResurgamException Of(string code, string what, string hint) =>
        new(new Problem(code, Remedy.Fix, what, hint));
}
