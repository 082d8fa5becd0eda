using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Resurgam.Core.Problems;

namespace Resurgam.Cli;

/// <summary>In which form results come out.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>Exactly one JSON document on stdout.</summary>
    Json,
}

/// <summary>What a command says: its result on stdout, its notes on stderr.</summary>
internal sealed class Output(TextWriter stdout, Terminal terminal, OutputFormat format, bool isQuiet, bool isVerbose)
{
    public OutputFormat Format => format;

    /// <summary>True once the command's document is out: a later error must not add a second one.</summary>
    public bool HasWritten { get; private set; }

    /// <summary>The command's result, in the form that was asked for. Once for each command.</summary>
    /// <param name="document">For programs.</param>
    /// <param name="type">From the feature's JSON context, made with <see cref="CliJson.NewOptions"/>.</param>
    /// <param name="asText">Writes the same for people; lines end with a line break.</param>
    /// <exception cref="ResurgamException"><c>stdout-failed</c>: nobody takes it, for example because the disk is full.</exception>
    public void Write<T>(T document, JsonTypeInfo<T> type, Action<TextWriter> asText)
    {
        Require.That(!HasWritten, "a command writes one document");
        HasWritten = true;
        terminal.ClearStatus();
        try
        {
            if (format == OutputFormat.Json)
                stdout.Write(JsonSerializer.Serialize(document, type) + "\n");
            else
                asText(stdout);
            stdout.Flush();
        }
        catch (IOException e)
        {
            throw CliProblems.StdoutFailed(e);
        }
    }

    /// <summary>Something a person should know that is no result and no failure.</summary>
    public void Note(string text)
    {
        if (!isQuiet)
            terminal.WriteLine(text);
    }

    /// <summary>Told with <c>--verbose</c> only.</summary>
    public void Detail(string text)
    {
        if (isVerbose)
            terminal.WriteLine(text);
    }

    /// <summary>Something that needs a person's eye soon; told with <c>--quiet</c> too.</summary>
    public void Warn(string text) => terminal.WriteLine($"{terminal.Yellow("warning:")} {text}");
}
