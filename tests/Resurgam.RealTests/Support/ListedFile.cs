using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.RealTests.Support;

/// <summary>What <c>find</c> says of one file: the base library cannot name every file of Linux.</summary>
/// <param name="Path">Below the folder that was listed.</param>
/// <param name="Type">As <c>find</c> has it: f, d, l, p, s, b or c.</param>
/// <param name="Mode">The low 12 bits.</param>
/// <param name="ModifiedAt">Of a link the time of the link.</param>
/// <param name="Target">Of a link, else empty.</param>
/// <param name="Links">Number of hard links; 1 for a directory.</param>
/// <param name="Sha256">Of a file, else empty.</param>
internal sealed record ListedFile(
    string Path,
    char Type,
    uint Mode,
    uint UserId,
    uint GroupId,
    UnixTime ModifiedAt,
    string Target,
    int Links,
    string Sha256
)
{
    public static async Task<Dictionary<string, ListedFile>> OfAsync(string folder)
    {
        var hashes = await RunAsync("find", folder, "-type", "f", "-exec", "sha256sum", "-z", "{}", "+");
        var hashOf = hashes.ToDictionary(line => line[66..], line => line[..64]);
        const string Format = @"%P\0%y\0%m\0%U\0%G\0%T@\0%l\0%n\0";
        var fields = await RunAsync("find", folder, "-mindepth", "1", "-printf", Format);
        return fields
            .Chunk(8)
            .Select(f => new ListedFile(
                Path: f[0],
                Type: f[1][0],
                Mode: Convert.ToUInt32(f[2], 8),
                UserId: uint.Parse(f[3], CultureInfo.InvariantCulture),
                GroupId: uint.Parse(f[4], CultureInfo.InvariantCulture),
                ModifiedAt: TimeOf(f[5]),
                Target: f[6],
                Links: f[1] == "d" ? 1 : int.Parse(f[7], CultureInfo.InvariantCulture),
                Sha256: hashOf.GetValueOrDefault($"{folder}/{f[0]}", "")
            ))
            .ToDictionary(file => file.Path);
    }

    /// <summary>Runs a script, which makes the files that the base library cannot.</summary>
    public static Task BashAsync(string folder, string script) => RunAsync("bash", "-euc", $"cd '{folder}'\n{script}");

    public static byte[]? FindAttribute(string path, string name)
    {
        var value = new byte[1024];
        var length = GetAttribute(CString(path), CString(name), value, value.Length);
        return length < 0 ? null : value[..(int)length];
    }

    public static void PutAttribute(string path, string name, byte[] value) =>
        Assert.Equal(0, SetAttribute(CString(path), CString(name), value, value.Length, 0));

    /// <summary><c>find</c> writes both numbers of the file system: -2.5 is half a second after -2.</summary>
    private static UnixTime TimeOf(string text)
    {
        var numbers = text.Split('.');
        return new UnixTime(
            long.Parse(numbers[0], CultureInfo.InvariantCulture),
            int.Parse(numbers[1].AsSpan(0, 9), CultureInfo.InvariantCulture)
        );
    }

    /// <returns>The output, cut at zero bytes.</returns>
    private static async Task<string[]> RunAsync(string program, params string[] arguments)
    {
        var token = TestContext.Current.CancellationToken;
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, Environment = { ["TZ"] = "UTC" } }
        )!;
        using MemoryStream output = new();
        await process.StandardOutput.BaseStream.CopyToAsync(output, token);
        await process.WaitForExitAsync(token);
        Assert.Equal(0, process.ExitCode);
        return FileNames.Decode(output.ToArray()).Split('\0')[..^1];
    }

    private static byte[] CString(string text) => [.. FileNames.Encode(text), 0];

    [DllImport("libc", EntryPoint = "lgetxattr")]
    private static extern nint GetAttribute(byte[] path, byte[] name, byte[] value, nint size);

    [DllImport("libc", EntryPoint = "lsetxattr")]
    private static extern int SetAttribute(byte[] path, byte[] name, byte[] value, nint size, int flags);
}
