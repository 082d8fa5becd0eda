namespace Resurgam.RealTests.Support;

/// <summary>One bit in the middle of a file, until it is turned back.</summary>
internal sealed class FlippedBit : IDisposable
{
    private readonly string _file;

    public FlippedBit(string file)
    {
        _file = file;
        Turn();
    }

    public void Dispose() => Turn();

    private void Turn()
    {
        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var stream = File.Open(_file, FileMode.Open);
        stream.Position = stream.Length / 2;
        var value = stream.ReadByte();
        stream.Position = stream.Length / 2;
        stream.WriteByte((byte)(value ^ 4));
    }
}
