using System.CommandLine;
using Resurgam.Core.Vaults.Media;

namespace Resurgam.Media;

internal static class MediaCommand
{
    public static Command Create() =>
        new("media", "Offline media: the vault as numbered volumes on disks or tapes, and who has them.")
        {
            MediaWriteCommand.Create(),
            MediaCheckCommand.Create(),
            MediaReadCommand.Create(),
            MediaListCommand.Create(),
            MediaSheetCommand.Create(),
            CustodyCommand.Create(MediaAct.Taken),
            CustodyCommand.Create(MediaAct.Confirmed),
            CustodyCommand.Create(MediaAct.Destroyed),
        };
}
