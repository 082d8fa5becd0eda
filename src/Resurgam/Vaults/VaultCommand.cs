using System.CommandLine;
using Resurgam.Keys;
using Resurgam.Media;
using Resurgam.Retention;

namespace Resurgam.Vaults;

internal static class VaultCommand
{
    public static Command Create() =>
        new("vault", "The place where sealed copies live.")
        {
            VaultCreateCommand.Create(),
            VaultInfoCommand.Create(),
            VaultCheckCommand.Create(),
            VaultCopyCommand.Create(),
            VaultHealCommand.Create(),
            VaultPasswordCommand.Create(),
            SecretCommand.Create(),
            KeyCommand.Create(),
            SharesCommand.Create(),
            VaultScrubCommand.Create(),
            ExpireCommand.Create(),
            HoldCommand.Create(),
            MediaCommand.Create(),
        };
}
