namespace Resurgam.Core.Postgres;

public static class PageChecksum
{
    public static bool IsNew(ReadOnlySpan<byte> page) => page[0] == 0;

    public static Lsn PageLsn(ReadOnlySpan<byte> page) => default;

    public static bool Verify(ReadOnlySpan<byte> page, uint blockNumber) => page.Length > 0 || blockNumber > 0;
}
