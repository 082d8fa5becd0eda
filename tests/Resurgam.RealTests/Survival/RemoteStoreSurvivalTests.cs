using System.Diagnostics;
using System.Globalization;
using Resurgam.Adapters.Stores.Azure;
using Resurgam.Adapters.Stores.S3;
using Resurgam.Core.Vaults;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Survival;

/// <summary>kill -9, cut lines and damage, with vaults on real servers and the real program; what servers may answer is in <c>RemoteVaultContract</c>.</summary>
public sealed class RemoteStoreSurvivalTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const int Points = 4;
    private const int Files = 60;
    private const string Variable = "RESURGAM_TEST_KEY";
    private const string UserVariable = "RESURGAM_TEST_USER";

    private CutNetwork? _line;
    private IStore? _store;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Stores => new() { "s3", "azure" };

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Stores))]
    public async Task A_backup_killed_at_any_moment_leaves_only_snapshots_that_restore(string store)
    {
        var random = TestSeed.NewRandom(output);
        using var world = await CreateAsync(store);
        await ChangeAsync(world, random);
        var clock = Stopwatch.StartNew();
        await world.BackUpAsync();
        var length = clock.Elapsed;
        for (var point = 0; point < Points; point++)
        {
            await ChangeAsync(world, random);
            var age = length * random.NextDouble();
            await using (var backup = world.Start("backup", "odd"))
                output.WriteLine($"{age}: {await backup.KillAfterAsync(age, TestContext.Current.CancellationToken)}");
            await world.RunAsync("vault", "check", "--read-data");
        }
        await ChangeAsync(world, random);

        await world.BackUpAsync();

        await AssertComesBackAsync(world, "after");
        await world.RunAsync("vault", "check", "--read-data");
    }

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Stores))]
    public async Task A_line_that_is_cut_in_the_middle_and_mended_costs_time_and_nothing_else(string store)
    {
        var random = TestSeed.NewRandom(output);
        using var world = await CreateAsync(store);
        var line = Line;
        for (var point = 0; point < Points; point++)
        {
            await ChangeAsync(world, random);
            var refused = line.RefusedCount;
            await using var backup = world.Start("backup", "odd");
            var exit = backup.WaitForExitAsync(TestContext.Current.CancellationToken);
            var clock = Stopwatch.StartNew();
            var age = TimeSpan.FromMilliseconds(random.Next(100, 900));
            await Eventually.HoldsAsync(
                "the moment of the cut",
                () => clock.Elapsed > age || exit.IsCompleted,
                TestContext.Current.CancellationToken
            );
            line.Cut();
            await Eventually.HoldsAsync(
                "it tries again",
                () => line.RefusedCount > refused || exit.IsCompleted,
                TestContext.Current.CancellationToken
            );
            line.Mend();
            var ended = await exit;
            Assert.True(ended.ExitCode == 0, ended.ToString());
        }

        await AssertComesBackAsync(world, "after");
        await world.RunAsync("vault", "check", "--read-data");
    }

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Stores))]
    public async Task A_flipped_bit_is_named_and_all_else_restores(string store)
    {
        var random = TestSeed.NewRandom(output);
        using var world = await CreateAsync(store);
        await ChangeAsync(world, random);
        await world.BackUpAsync();
        var packs = await Objects
            .ListAsync("generations/", Token)
            .Where(item => item.Key.Contains("/data/", StringComparison.Ordinal))
            .ToListAsync(Token);
        var hurt = packs.MaxBy(item => item.LengthBytes) ?? throw new InvalidOperationException("no pack");
        var bytes = await Objects.FindAsync(hurt.Key, Token) ?? [];
        bytes[bytes.Length / 2] ^= 1;
        await Objects.DeleteAsync(hurt.Key, Token);
        await Objects.PutAsync(hurt.Key, bytes, TestContext.Current.CancellationToken);

        var check = await world.TryRunAsync("vault", "check", "--read-data");
        var restore = await world.TryRunAsync("restore", "latest", "--to", world.Combine("to"));

        Assert.True(check.ExitCode == 20, check.ToString());
        Assert.Contains(Path.GetFileName(hurt.Key), check.Output + check.Error, StringComparison.Ordinal);
        Assert.True(restore.ExitCode == 20, restore.ToString());
        Assert.Contains(Path.GetFileName(hurt.Key)[..8], restore.Error, StringComparison.Ordinal);
        var whole = Directory
            .EnumerateFiles(world.Source)
            .Count(file => IsSame(file, Path.Combine(world.Combine("to"), world.SourcePath, Path.GetFileName(file))));
        Assert.InRange(whole, 1, Files - 1);
    }

    public async ValueTask DisposeAsync()
    {
        if (_line is not null)
            await _line.DisposeAsync();
        (_store as IDisposable)?.Dispose();
    }

    private CutNetwork Line => _line ?? throw new InvalidOperationException("no store yet");

    private IStore Objects => _store ?? throw new InvalidOperationException("no store yet");

    /// <summary>A vault behind a line that can be cut.</summary>
    private async Task<FilesWorld> CreateAsync(string store)
    {
        SeededEntropy entropy = new(1);
        if (store == "s3")
        {
            var server = await S3Server.RequireAsync();
            var bucket = await server.MakeBucketAsync(Token);
            _store = new S3Store(server.OptionsFor(bucket) with { Prefix = "v" }, TimeProvider.System, entropy);
            var keys = $"access-key: {{ env: {UserVariable} }}, secret-key: {{ env: {Variable} }}";
            return await FilesWorld.CreateInAsync(
                $"store: 's3://{bucket}/v', s3: {{ endpoint: '{LineTo(server.Endpoint)}', {keys} }}",
                new Dictionary<string, string> { [UserVariable] = S3Server.AccessKey, [Variable] = S3Server.SecretKey },
                Token
            );
        }
        var azure = await AzureServer.RequireAsync();
        var container = await azure.MakeContainerAsync(Token);
        _store = new AzureStore(azure.OptionsFor(container) with { Prefix = "v" }, TimeProvider.System, entropy);
        var key = $"account: {AzureServer.Account}, key: {{ env: {Variable} }}";
        return await FilesWorld.CreateInAsync(
            $"store: 'azure://{container}/v', azure: {{ endpoint: '{LineTo(azure.Endpoint)}', {key} }}",
            new Dictionary<string, string> { [Variable] = AzureServer.Key },
            Token
        );
    }

    private string LineTo(string endpoint)
    {
        UriBuilder address = new(endpoint);
        _line = new CutNetwork(address.Port);
        address.Port = _line.Port;
        return address.ToString().TrimEnd('/');
    }

    /// <summary>Twenty megabytes that do not compress, half of which are new each time.</summary>
    private static async Task ChangeAsync(FilesWorld world, Random random)
    {
        for (var i = 0; i < Files; i++)
        {
            var path = Path.Combine(world.Source, i.ToString(CultureInfo.InvariantCulture));
            if (File.Exists(path) && i % 2 == 0)
                continue;
            var bytes = new byte[350_000];
            random.NextBytes(bytes);
            await File.WriteAllBytesAsync(path, bytes, Token);
        }
    }

    private static bool IsSame(string file, string other) =>
        File.Exists(other) && File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(other));

    private static async Task AssertComesBackAsync(FilesWorld world, string target)
    {
        await world.RunAsync("restore", "latest", "--to", world.Combine(target));
        Assert.Equal(
            await world.ListAsync(world.Source),
            await world.ListAsync(Path.Combine(world.Combine(target), world.SourcePath))
        );
    }
}
