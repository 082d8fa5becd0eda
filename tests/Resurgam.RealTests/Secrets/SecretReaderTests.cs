using Resurgam.Adapters.Processes;
using Resurgam.Adapters.Secrets;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;

namespace Resurgam.RealTests.Secrets;

public sealed class SecretReaderTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("resurgam-secret-").FullName;
    private readonly Dictionary<string, string?> _variables = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("hunter2", "hunter2")]
    [InlineData("hunter2\n", "hunter2")]
    [InlineData("hunter2\r\n", "hunter2")]
    [InlineData("hunter2\n\n", "hunter2\n")]
    [InlineData(" hunter2 ", " hunter2 ")]
    public async Task A_file_is_the_secret_without_one_line_break(string written, string secret) =>
        Assert.Equal(secret, await ReadTextAsync(await FileAsync(written, OwnerOnly)));

    [Fact]
    public async Task A_key_file_keeps_every_byte()
    {
        byte[] key = [0, 255, 128, 10, 13, 0];
        var path = Path.Combine(_folder, "key");
        await File.WriteAllBytesAsync(path, key, Token);
        File.SetUnixFileMode(path, OwnerOnly);
        var secret = await ReaderOf().ReadAsync(new SecretSource.FromFile(path), Token);
        Assert.Equal(key, secret.Bytes.ToArray());
    }

    [Fact]
    public async Task A_variable_is_the_secret()
    {
        _variables["S"] = "hunter2";
        Assert.Equal("hunter2", await ReadTextAsync(new SecretSource.FromEnvironment("S")));
    }

    [Fact]
    public async Task What_a_command_prints_is_the_secret() =>
        Assert.Equal("a b", await ReadTextAsync(new SecretSource.FromCommand(["printf", "%s\\n", "a b"])));

    [Theory]
    [InlineData(OwnerOnly | UnixFileMode.OtherRead)]
    [InlineData(OwnerOnly | UnixFileMode.OtherWrite)]
    public async Task A_file_that_strangers_may_read_or_change_is_refused(UnixFileMode mode)
    {
        var problem = await ProblemOfAsync(await FileAsync("hunter2", mode));
        Assert.Equal("secret-open-to-all", problem.Code);
    }

    [Fact]
    public async Task A_file_for_owner_and_group_is_taken() =>
        Assert.Equal("hunter2", await ReadTextAsync(await FileAsync("hunter2", OwnerOnly | UnixFileMode.GroupRead)));

    [Fact]
    public async Task What_is_missing_empty_or_too_long_is_told()
    {
        Assert.Equal("secret-missing", (await ProblemOfAsync(new SecretSource.FromFile(_folder + "/no"))).Code);
        Assert.Equal("secret-missing", (await ProblemOfAsync(new SecretSource.FromEnvironment("NO"))).Code);
        Assert.Equal("secret-empty", (await ProblemOfAsync(await FileAsync("\n", OwnerOnly))).Code);
        Assert.Equal("secret-empty", (await ProblemOfAsync(new SecretSource.FromCommand(["true"]))).Code);
        Assert.Equal(
            "secret-too-long",
            (await ProblemOfAsync(await FileAsync(new string('a', 65537), OwnerOnly))).Code
        );
        Assert.Equal("secret-too-long", (await ProblemOfAsync(new SecretSource.FromCommand(["seq", "100000"]))).Code);
        Assert.Equal("secret-unreadable", (await ProblemOfAsync(new SecretSource.FromFile(_folder))).Code);
        Assert.Equal("secret-command", (await ProblemOfAsync(new SecretSource.FromCommand(["false"]))).Code);
        Assert.Equal("secret-command", (await ProblemOfAsync(new SecretSource.FromCommand(["no-such-program"]))).Code);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> ReadTextAsync(SecretSource source) =>
        (await ReaderOf().ReadAsync(source, Token)).ToText();

    private async Task<Problem> ProblemOfAsync(SecretSource source)
    {
        var problem = (await Assert.ThrowsAsync<ResurgamException>(() => ReaderOf().ReadAsync(source, Token))).Problem;
        Assert.DoesNotContain("hunter2", problem.ToString(), StringComparison.Ordinal);
        return problem;
    }

    private async Task<SecretSource> FileAsync(string text, UnixFileMode mode)
    {
        var path = Path.Combine(_folder, Path.GetRandomFileName());
        await File.WriteAllTextAsync(path, text, Token);
        File.SetUnixFileMode(path, mode);
        return new SecretSource.FromFile(path);
    }

    private SecretReader ReaderOf() =>
        new(new ProcessRunner(TimeProvider.System), name => _variables.GetValueOrDefault(name));
}
