namespace Resurgam.Core.Vaults.Format;

/// <summary>Go's <c>os.FileMode</c>, which trees hold: permissions as in Unix, everything else in bits of its own.</summary>
internal static class GoFileMode
{
    private const uint Permissions = 0x1FF;

    private static readonly (uint Unix, uint Go)[] Bits =
    [
        (0x800, 1u << 23), // setuid
        (0x400, 1u << 22), // setgid
        (0x200, 1u << 20), // sticky
    ];

    public static uint From(NodeType type, uint unixMode)
    {
        var mode = unixMode & Permissions;
        foreach (var (unix, go) in Bits)
            if ((unixMode & unix) != 0)
                mode |= go;
        return mode
            | type switch
            {
                NodeType.File => 0,
                NodeType.Directory => 1u << 31,
                NodeType.SymbolicLink => 1u << 27,
                NodeType.Device => 1u << 26,
                NodeType.CharacterDevice => (1u << 26) | (1u << 21),
                NodeType.Fifo => 1u << 25,
                NodeType.Socket => 1u << 24,
            };
    }

    public static uint ToUnix(uint goMode)
    {
        var mode = goMode & Permissions;
        foreach (var (unix, go) in Bits)
            if ((goMode & go) != 0)
                mode |= unix;
        return mode;
    }
}
