using System.CommandLine;

namespace Resurgam.Keys;

internal static class KeyCommand
{
    public static Command Create() =>
        new("key", "The ways of unlocking the vault: list, add, rotate and withdraw them.")
        {
            KeyListCommand.Create(),
            KeyAddCommand.Create(),
            KeyRotateCommand.Create(),
            KeyWithdrawCommand.Create(),
        };
}
