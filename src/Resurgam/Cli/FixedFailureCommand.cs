using System.CommandLine;

namespace Resurgam.Cli;

/// <summary>A command for a caller that reads a meaning of its own into most exit codes.</summary>
internal sealed class FixedFailureCommand(string name, string description, int failureCode) : Command(name, description)
{
    /// <summary>What every failure ends with, wrong command lines and bugs too; null: what the problem's code says.</summary>
    public int? FailureCode => failureCode;
}
