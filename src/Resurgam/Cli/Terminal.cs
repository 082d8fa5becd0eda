namespace Resurgam.Cli;

/// <summary>Standard error: lines, and on a terminal one status line below them. Thread-safe.</summary>
internal sealed class Terminal(TextWriter stderr, bool isTerminal, bool isColorful)
{
    /// <summary>ECMA-48: carriage return, erase in line.</summary>
    private const string EraseLine = "\r\e[K";

    private readonly Lock _gate = new();
    private bool _statusShown;

    public bool IsTerminal => isTerminal;

    public void WriteLine(string line)
    {
        lock (_gate)
        {
            Erase();
            stderr.WriteLine(line);
            stderr.Flush();
        }
    }

    /// <summary>Replaces the status line. Does nothing where nobody looks.</summary>
    public void ShowStatus(string status)
    {
        if (!isTerminal)
            return;
        lock (_gate)
        {
            stderr.Write(EraseLine + status);
            stderr.Flush();
            _statusShown = true;
        }
    }

    public void ClearStatus()
    {
        lock (_gate)
        {
            Erase();
            stderr.Flush();
        }
    }

    public string Red(string text) => isColorful ? $"\e[1;31m{text}\e[0m" : text;

    public string Yellow(string text) => isColorful ? $"\e[33m{text}\e[0m" : text;

    private void Erase()
    {
        if (_statusShown)
            stderr.Write(EraseLine);
        _statusShown = false;
    }
}
