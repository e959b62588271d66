namespace ActionTrail.Functions;

/// <summary>Ends this process with the one that started it, when that one asked for it.</summary>
internal static class ParentProcess
{
    /// <summary>Set to 1 by LocalRunner, which holds the other end of our standard input open: its end, however sudden, is the end of the stream.</summary>
    public const string Variable = "ACTIONTRAIL_EXIT_WITH_STDIN";

    public static void ExitWithStdin()
    {
        if (Environment.GetEnvironmentVariable(Variable) != "1")
            return;
        var watch = new Thread(static () =>
        {
            var buffer = new byte[256];
            using var input = Console.OpenStandardInput();
            while (input.Read(buffer) > 0)
            {
                // What is sent means nothing; only the end counts.
            }

            Environment.Exit(1);
        })
        { IsBackground = true, Name = "stdin" };
        watch.Start();
    }
}
