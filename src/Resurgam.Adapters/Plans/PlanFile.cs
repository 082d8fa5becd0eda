using System.Text;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Plans;

/// <summary>Gets the text of a plan file, a pipe such as <c>/dev/stdin</c> included.</summary>
public static class PlanFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    /// <exception cref="ResurgamException">
    /// <c>plan-file-missing</c>, <c>plan-file-unreadable</c>, <c>plan-file-encoding</c> or <c>plan-too-large</c>.
    /// </exception>
    public static async Task<string> ReadTextAsync(string path, CancellationToken cancellationToken)
    {
        var bytes = await ReadBytesAsync(path, cancellationToken);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw PlanFileProblems.Encoding(path, e.Index, e);
        }
    }

    /// <summary>Reads at most one byte more than a plan may have: enough to tell, whatever the file is.</summary>
    private static async Task<byte[]> ReadBytesAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(path);
            var buffer = new byte[PlanReader.MaxLengthBytes + 1];
            var length = await file.ReadAtLeastAsync(
                buffer,
                buffer.Length,
                throwOnEndOfStream: false,
                cancellationToken
            );
            return length > PlanReader.MaxLengthBytes ? throw PlanFileProblems.TooLarge(path) : buffer[..length];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw PlanFileProblems.Missing(path, e);
        }
        catch (Exception e) when (Directory.Exists(path))
        {
            throw PlanFileProblems.Folder(path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PlanFileProblems.Unreadable(path, e);
        }
    }
}

internal static class PlanFileProblems
{
    public static ResurgamException Missing(string path, Exception cause) =>
        Of(
            "plan-file-missing",
            $"there is no plan file {path}",
            "Name it with --plan FILE or the variable RESURGAM_PLAN, or go to the folder that holds resurgam.yaml.",
            cause
        );

    public static ResurgamException Unreadable(string path, Exception cause) =>
        Of(
            "plan-file-unreadable",
            $"plan file {path} cannot be read: {cause.Message}",
            $"Check that it is a file and that this user may read it: 'ls -l {path}'.",
            cause
        );

    public static ResurgamException Folder(string path, Exception cause) =>
        Of(
            "plan-file-unreadable",
            $"{path} is a folder, and no plan file",
            $"Name the file in it, for example '--plan {Path.Combine(path, "resurgam.yaml")}'.",
            cause
        );

    public static ResurgamException Encoding(string path, int index, Exception cause) =>
        Of(
            "plan-file-encoding",
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"plan file {path} is not UTF-8: byte {index} breaks it"
            ),
            "Save it as UTF-8, for example with 'iconv -f latin1 -t utf-8' or 'iconv -f utf-16 -t utf-8'.",
            cause
        );

    public static ResurgamException TooLarge(string path) =>
        Of(
            "plan-too-large",
            $"plan file {path} is larger than the {PlanReader.MaxLengthBytes >> 20} MiB that a plan may have",
            "Check that --plan names the plan file and not a dump or a log.",
            null
        );

    private static ResurgamException Of(string code, string what, string hint, Exception? cause) =>
        new(new Problem(code, Remedy.Fix, what, hint), cause);
}
