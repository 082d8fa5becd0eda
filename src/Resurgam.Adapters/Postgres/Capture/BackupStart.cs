using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Assets;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Capture;

/// <param name="Note">Why it is no incremental one, where one was to be expected; null when there is nothing to say.</param>
internal sealed record StartedBackup(BaseBackupStream Stream, CaptureMode Mode, string? Note);

/// <summary>Starts a base backup: one of what has changed since the parent, when the server can; else of everything.</summary>
internal sealed class BackupStart(PostgresSource source, PostgresConnection session, ParentBackup parent)
{
    private const int FirstWithIncrements = 170000;

    public async Task<StartedBackup> RunAsync(CancellationToken cancellationToken)
    {
        string? note = null;
        if (session.ServerVersion >= FirstWithIncrements && parent.Manifest is { } manifest)
        {
            if (await session.ShowAsync("summarize_wal", cancellationToken) != "on")
                note = "read in full: the server has summarize_wal = off, with on it would send only what has changed";
            else
                try
                {
                    using MemoryStream upload = new(manifest);
                    await session.UploadManifestAsync(upload, cancellationToken);
                    return new StartedBackup(await OpenAsync(true, cancellationToken), CaptureMode.Incremental, null);
                }
                catch (ResurgamException e) when (IsRefusal(e))
                {
                    note = $"read in full, the server refused to send only what has changed: {e.Problem.What}";
                }
        }
        return new StartedBackup(await OpenAsync(false, cancellationToken), CaptureMode.Full, note);
    }

    /// <summary>The server said no and listens on. Whatever else is wrong, a full backup will meet it, too.</summary>
    private static bool IsRefusal(ResurgamException failure) =>
        failure.InnerException is PostgresErrorException { Severity: "ERROR" };

    private Task<BaseBackupStream> OpenAsync(bool isIncremental, CancellationToken cancellationToken) =>
        session.StartBaseBackupAsync(
            new BaseBackupOptions
            {
                Label = $"resurgam {source.Asset}",
                IncludeWal = true,
                Incremental = isIncremental,
                MaxRate = source.MaxRate,
                Progress = true,
            },
            cancellationToken
        );
}
