using ActionTrail.Functions;
using ActionTrail.Functions.Settings;
using ActionTrail.Storage;

// Exit code 0 is never restarted by the Functions host, so this process never ends with it.
const int failed = 1;
const int stopped = 130;
try
{
    await using var app = FunctionsApp.Build();
    ParentProcess.ExitWithStdin();
    await FunctionsApp.StartAsync(app);
    await app.WaitForShutdownAsync();
    return stopped;
}
catch (SettingsException e)
{
    foreach (var fault in e.Faults)
        Console.WriteLine("fail: " + fault);
    return failed;
}
catch (StoreException e)
{
    Console.WriteLine("fail: " + StartFaults.Tell(e));
    return failed;
}
catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    Console.WriteLine($"fail: The port of setting {AppSettings.Port.Name} is taken by another process.");
    return failed;
}
