using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Plans;

namespace Resurgam.Keys;

/// <summary>Where a new secret of the vault comes from: never the command line itself.</summary>
internal sealed class NewSecretOptions
{
    private readonly Option<string?> _environment = new("--new-env")
    {
        Description = "The environment variable that holds the new secret.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _file = new("--new-file")
    {
        Description = "The file that holds it: 'resurgam vault secret FILE' makes one of 256 bits.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _command = new("--new-command")
    {
        Description = "Program and arguments that print it: any key management.",
        HelpName = "PROGRAM",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _name = new("--name")
    {
        Description = "What 'vault key list' calls it: who holds it, or where it is kept.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "",
    };

    public void AddTo(Command command)
    {
        command.Add(_environment);
        command.Add(_file);
        command.Add(_command);
        command.Add(_name);
        command.Validators.Add(line =>
        {
            var given = new[]
            {
                line.GetValue(_environment) is not null,
                line.GetValue(_file) is not null,
                line.GetValue(_command) is { Length: > 0 },
            };
            if (given.Count(isGiven => isGiven) != 1)
                line.AddError("Name the source of the new secret: --new-env, --new-file or --new-command.");
        });
    }

    public NewSecret Read(ParseResult line, Session session) =>
        new(
            line.GetValue(_environment) is { } variable ? new SecretSource.FromEnvironment(variable)
                : line.GetValue(_file) is { } file ? new SecretSource.FromFile(session.AbsolutePath(file))
                : new SecretSource.FromCommand([.. line.GetValue(_command) ?? []]),
            line.GetValue(_name) ?? ""
        );

    /// <exception cref="Core.Problems.ResurgamException"><c>secret-*</c></exception>
    public static async Task<string> ReadAsync(
        Session session,
        NewSecret secret,
        CancellationToken cancellationToken
    ) => NewVaultSecret.Read(session, await session.ReadSecretAsync(secret.Source, cancellationToken));
}

/// <param name="Name">May be empty.</param>
internal sealed record NewSecret(SecretSource Source, string Name);
