namespace Resurgam.Adapters.Processes;

/// <summary>Finds programs as a shell does. The runtime's own search looks into the working folder first, where anybody may have put anything.</summary>
public static class ProgramPath
{
    private const UnixFileMode AnyExecute =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <returns>The program's path.</returns>
    /// <exception cref="Core.Problems.ResurgamException"><c>process-missing</c></exception>
    public static string Find(string program) =>
        TryFind(program, out var path) ? path : throw ProcessProblems.Missing(program);

    public static bool TryFind(string program, out string path)
    {
        path = program;
        if (program.Contains('/'))
            return File.Exists(program);
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        {
            path = Path.Combine(folder, program);
            if (folder.StartsWith('/') && File.Exists(path) && (File.GetUnixFileMode(path) & AnyExecute) != 0)
                return true;
        }
        return false;
    }
}
