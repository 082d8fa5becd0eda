using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class PostgresRevokeWork(StepAction.PostgresRevoke action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    /// <summary>Note: whether the role could log in before.</summary>
    private const string CouldLogIn = "could-log-in";

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        PostgresRole role = new(server, action.Role, Tools);
        var login = await role.FindLoginAsync(cancellationToken);
        return StepReport.Done(
            $"{action.Role} would be barred, and {await role.CountSessionsAsync(cancellationToken)} sessions of it ended",
            new StepNote(CouldLogIn, login == true ? "yes" : "no")
        );
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        PostgresRole role = new(server, action.Role, Tools);
        if (await role.FindLoginAsync(cancellationToken) is null)
            throw ActionProblems.NoRole(action.Role, action.On);
        if (await new PostgresRole(server, action.InFavourOf, Tools).FindLoginAsync(cancellationToken) != true)
            throw ActionProblems.NobodyLeft(action.Role, action.InFavourOf, action.On);
        if (await server.ScalarAsync("select session_user", cancellationToken) == action.Role)
            throw ActionProblems.RevokesItself(action.Role, action.On);
        var ended = await role.BarAsync(cancellationToken);
        return StepReport.Done($"{action.Role} is barred; {ended} sessions of it were ended");
    }

    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        if (Call.FindNote(CouldLogIn) != "yes")
            return StepReport.Done($"{action.Role} could not log in before: it is left alone");
        await using var server = await ConnectAsync(action.On, cancellationToken);
        PostgresRole role = new(server, action.Role, Tools);
        if (await role.FindLoginAsync(cancellationToken) == false)
            await role.LetInAsync(cancellationToken);
        return StepReport.Done($"{action.Role} gets in again");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        PostgresRole role = new(server, action.Role, Tools);
        return await role.FindLoginAsync(cancellationToken) == false
            && await role.CountSessionsAsync(cancellationToken) == "0";
    }
}
