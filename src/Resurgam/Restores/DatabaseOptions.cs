using System.CommandLine;

namespace Resurgam.Restores;

/// <summary>The options of a restore onto a PostgreSQL server.</summary>
internal sealed record DatabaseRequest
{
    /// <summary>Empty: all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    public bool Swaps { get; init; }

    /// <summary>An option of these that was given; null: none.</summary>
    public string? Given =>
        Only.Count > 0 ? "--database"
        : Swaps ? "--swap"
        : null;
}

internal sealed class DatabaseOptions
{
    private readonly Option<string[]> _only = new("--database")
    {
        Description = "PostgreSQL, logical: only this database of the snapshot.",
        HelpName = "NAME",
    };

    private readonly Option<bool> _swap = new("--swap")
    {
        Description =
            "PostgreSQL, logical: when the copy is proven, end the sessions of the database that is there, keep it under another name, and give the copy its name.",
    };

    private DatabaseOptions() { }

    public static DatabaseOptions AddTo(Command command)
    {
        DatabaseOptions options = new();
        command.Add(options._only);
        command.Add(options._swap);
        return options;
    }

    public DatabaseRequest Read(ParseResult line) =>
        new() { Only = line.GetValue(_only) ?? [], Swaps = line.GetValue(_swap) };
}
