namespace ActionTrail.Cli;

/// <summary>Everything outside the program: streams, terminal, environment, clock, network. Tests bring their own.</summary>
internal sealed record Surroundings
{
    public required Stream Input { get; init; }

    /// <summary>For what the command was asked for, and nothing else.</summary>
    public required Stream Output { get; init; }

    /// <summary>For messages and progress.</summary>
    public required TextWriter Error { get; init; }

    public bool IsOutputTerminal { get; init; }

    public bool IsErrorTerminal { get; init; }

    /// <summary>Columns of the terminal; null when the output is none.</summary>
    public int? Width { get; init; }

    public required Func<string, string?> Variable { get; init; }

    public required TimeProvider Time { get; init; }

    public required Func<HttpMessageHandler> Network { get; init; }

    /// <summary>Spreads repeated calls over time.</summary>
    public required Random Chance { get; init; }

    /// <summary>Whether output may carry colour: a terminal, and no wish against it (no-color.org).</summary>
    public bool IsColourful => IsOutputTerminal && string.IsNullOrEmpty(Variable("NO_COLOR")) && Variable("TERM") != "dumb";

    /// <summary>Those of this process.</summary>
    public static Surroundings OfProcess() => new()
    {
        Input = Console.OpenStandardInput(),
        Output = Console.OpenStandardOutput(),
        Error = Console.Error,
        IsOutputTerminal = !Console.IsOutputRedirected,
        IsErrorTerminal = !Console.IsErrorRedirected,
        Width = Console.IsOutputRedirected ? null : Math.Max(40, Console.WindowWidth),
        Variable = Environment.GetEnvironmentVariable,
        Time = TimeProvider.System,
        // Credentials must not follow a redirect to somebody else.
        Network = static () => new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) },
        Chance = new Random(),
    };

    /// <summary>One line for the person at the terminal.</summary>
    public void Tell(string line) => Error.WriteLine(line);
}
