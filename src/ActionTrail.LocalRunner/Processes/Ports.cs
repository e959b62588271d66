using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActionTrail.LocalRunner.Options;

namespace ActionTrail.LocalRunner.Processes;

/// <summary>Ports on loopback: found, and checked before anything is started on them.</summary>
internal static class Ports
{
    /// <summary>The port itself, or a free one for 0; a <see cref="RunnerException"/> names the option when it is taken.</summary>
    public static int Take(int port, string option)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
            listener.Listen();
            return ((IPEndPoint)listener.LocalEndPoint!).Port;
        }
        catch (SocketException e)
        {
            throw Taken(port, option, e);
        }
    }

    /// <summary>Free ports, all different.</summary>
    public static IReadOnlyList<int> TakeAll(IReadOnlyList<int> ports, string option)
    {
        var sockets = new List<Socket>();
        try
        {
            foreach (var port in ports)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                try
                {
                    socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                    socket.Listen();
                }
                catch (SocketException e)
                {
                    throw Taken(port, option, e);
                }
            }

            return [.. sockets.Select(socket => ((IPEndPoint)socket.LocalEndPoint!).Port)];
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    private static RunnerException Taken(int port, string option, SocketException cause) => new(
        cause.SocketErrorCode == SocketError.AccessDenied
            ? $"Port {port} ({option}) may not be used by this user. Choose another with {option}."
            : $"Port {port} ({option}) is taken{Holder(port)}. Stop that, or choose another port with {option}; 0 takes a free one.",
        cause);

    /// <summary>" by {name} (process {id})" where the system tells, else what it most likely is.</summary>
    private static string Holder(int port)
    {
        var guess = port switch
        {
            10_000 or 10_001 or 10_002 => ", probably by another Azurite",
            RunnerOptions.DefaultAmqpPort => ", perhaps by the official Event Hubs emulator or another message broker",
            RunnerOptions.DefaultEventHubHttpPort or RunnerOptions.DefaultHttpPort => ", probably by another runner or by func start",
            _ => ", perhaps by another runner",
        };
        try
        {
            return SocketOwner.Find(port) is { } owner ? string.Create(CultureInfo.InvariantCulture, $" by {owner.Command} (process {owner.ProcessId})") : guess;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return guess;
        }
    }
}
