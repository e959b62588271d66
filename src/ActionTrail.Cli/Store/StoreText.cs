using System.Text;
using System.Text.Json.Nodes;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Store;

/// <summary>How the reports about the store are written for people.</summary>
internal static class StoreText
{
    /// <summary>The member as text that is safe to print; empty when it is not there.</summary>
    public static string Of(JsonNode? item, string name) => TerminalText.Clean(item?[name]?.ToString() ?? "");

    /// <summary>Partition and sequence numbers.</summary>
    public static string Range(JsonNode item) => $"{Of(item, "partition")} {Of(item, "first")}..{Of(item, "last")}";

    public static void Write(Surroundings around, string text)
    {
        try
        {
            around.Output.Write(Encoding.UTF8.GetBytes(text));
            around.Output.Flush();
        }
        catch (IOException e)
        {
            throw new OutputClosedException(e);
        }
    }
}
