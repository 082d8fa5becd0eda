namespace Resurgam.Adapters.Processes;

/// <summary>A local user.</summary>
internal sealed record Account(string Name, string Home)
{
    /// <summary>Reads <c>/etc/passwd</c> (passwd(5)): the users that services run as are there, also where people's are not.</summary>
    /// <returns>Null when there is no such user.</returns>
    public static Account? Find(string name) =>
        File.ReadLines("/etc/passwd")
            .Select(line => line.Split(':'))
            .Where(fields => fields.Length == 7 && fields[0] == name)
            .Select(fields => new Account(name, fields[5]))
            .FirstOrDefault();
}
